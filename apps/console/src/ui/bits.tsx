import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { formatDateTime, formatGain, formatSeconds } from './format';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A word that says how something stands. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

/** A gain or a loss, by sign and by colour. */
export function Gain({ usdc }: { usdc: number | null | undefined }): JSX.Element {
  const text = formatGain(usdc);
  const tone = text.startsWith('+') ? 'good' : text.startsWith('-') ? 'bad' : '';
  return <span class={tone}>{text}</span>;
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

const MEANING_WIDTH = 280;
const MEANING_GAP = 6;
const EDGE = 8;

/** A word whose meaning shows on hover and on focus, until Escape is pressed. */
export function Term({ meaning, children }: { meaning: string; children: ComponentChildren }): JSX.Element {
  const id = useId();
  const [place, setPlace] = useState<Record<string, string> | null>(null);
  const show = ({ currentTarget }: { currentTarget: Element }): void => setPlace(besides(currentTarget));
  const hide = (): void => setPlace(null);
  return (
    <span
      class="term"
      tabIndex={0}
      aria-describedby={id}
      onMouseEnter={show}
      onMouseLeave={hide}
      onFocus={show}
      onBlur={hide}
      onKeyDown={({ key }) => key === 'Escape' && hide()}
    >
      {children}
      <span class="meaning" id={id} role="tooltip" hidden={place === null} style={place ?? undefined}>
        {meaning}
      </span>
    </span>
  );
}

/** Where the window has room for a meaning: below the word, or above one near the end; nothing around it cuts it off. */
function besides(word: Element): Record<string, string> {
  const { left, top, bottom } = word.getBoundingClientRect();
  const { innerWidth, innerHeight } = window;
  const x = Math.max(EDGE, Math.min(left, innerWidth - MEANING_WIDTH - EDGE));
  return bottom < innerHeight * 0.75
    ? { left: `${x}px`, top: `${bottom + MEANING_GAP}px` }
    : { left: `${x}px`, bottom: `${innerHeight - top + MEANING_GAP}px` };
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

/** A part of a page, named by its heading. */
export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
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
