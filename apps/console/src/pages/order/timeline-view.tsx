import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { Section, useNow } from '../../ui/bits';
import { formatDateTime } from '../../ui/format';
import { timelineOf } from './timeline';

/** Everything that happened to an order, and what is fixed to happen. */
export function Timeline({ explained }: { explained: Schemas['OrderExplanation'] }): JSX.Element {
  const now = useNow(1_000);
  return (
    <Section title="What happened">
      <ol class="timeline">
        {timelineOf(explained, now).map(({ key, at, what, detail, isAhead }) => (
          <li key={key} class={isAhead ? 'ahead' : undefined}>
            <strong>{what}</strong>
            {isAhead && <span class="muted"> (still ahead)</span>}
            <div class="muted">
              <time dateTime={at}>{formatDateTime(at)}</time>
              {detail !== null && `, ${detail}`}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
