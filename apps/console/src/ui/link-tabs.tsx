import type { JSX } from 'preact';
import { Link } from 'wouter-preact';

interface LinkTabsProps<Key extends string> {
  /** What they are the parts of, for those who hear it. */
  label: string;
  tabs: readonly { key: Key; title: string }[];
  current: Key;
  hrefOf: (key: Key) => string;
}

/** The parts of a page, each with an address of its own. */
export function LinkTabs<Key extends string>({ label, tabs, current, hrefOf }: LinkTabsProps<Key>): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ key, title }) => (
        <Link key={key} href={hrefOf(key)} class="tab" aria-current={key === current ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
