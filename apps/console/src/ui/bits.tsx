import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatDateTime, formatGain, formatSeconds } from './format';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A word that says how something stands. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

/** A gain or a loss, by sign and by colour. */
export function Gain({ usdc }: { usdc: number | null | undefined }): JSX.Element {
  const tone = usdc == null || usdc === 0 ? '' : usdc > 0 ? 'good' : 'bad';
  return <span class={tone}>{formatGain(usdc)}</span>;
}

/** A number with its name; what it means is told on hover and to those who hear it. */
export function Figure({
  name,
  meaning,
  children,
}: {
  name: string;
  meaning?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="figure">
      <dt>{meaning === undefined ? name : <Term meaning={meaning}>{name}</Term>}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A word whose meaning shows on hover and on focus. */
export function Term({ meaning, children }: { meaning: string; children: ComponentChildren }): JSX.Element {
  return (
    <span class="term" tabIndex={0}>
      {children}
      <span class="meaning" role="tooltip">
        {meaning}
      </span>
    </span>
  );
}

/** How long ago something was, counting on. */
export function Age({ of }: { of: string | number | null }): JSX.Element {
  const now = useNow(1_000);
  if (of === null) return <>–</>;
  const at = typeof of === 'number' ? of : Date.parse(of);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
      {formatSeconds((now - at) / 1_000)} ago
    </time>
  );
}

/** The time, looked at again and again. Unix milliseconds. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** The newest value after it has rested for a while. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card">
      <header class="card-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Names the page, in the window's title as well. */
export function PageTitle({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · PaperTradingPM`;
  }, [title]);
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {children}
    </div>
  );
}
