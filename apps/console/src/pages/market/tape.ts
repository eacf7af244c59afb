import type { LiveTrade } from '../../live/live';

/** What happened, or that something was not told: how many trades, null when nobody knows. */
export type TapeEntry = { id: number } & ({ kind: 'trade'; trade: LiveTrade } | { kind: 'gap'; count: number | null });

/** Public trades of a market since it is looked at, newest first. */
export interface Tape {
  entries: readonly TapeEntry[];
  /** How many entries were made, of which the oldest are gone. */
  made: number;
}

export const EMPTY_TAPE: Tape = { entries: [], made: 0 };

/** Each trade is told once for each of the two outcomes. */
const MOST_ENTRIES = 200;

export function withTrade(tape: Tape, trade: LiveTrade): Tape {
  return added(tape, { id: tape.made, kind: 'trade', trade });
}

/** Notes that trades may be missing; before the first one there is nothing they could be missing from. */
export function withGap(tape: Tape, count: number | null): Tape {
  const isKnown = tape.entries[0] === undefined || (tape.entries[0].kind === 'gap' && count === null);
  return isKnown ? tape : added(tape, { id: tape.made, kind: 'gap', count });
}

function added({ entries, made }: Tape, entry: TapeEntry): Tape {
  return { entries: [entry, ...entries.slice(0, MOST_ENTRIES - 1)], made: made + 1 };
}
