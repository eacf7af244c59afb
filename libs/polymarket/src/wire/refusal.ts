/** Why one value of the venue was not understood. */
export interface PayloadRefusal {
  /** Where it stood in the answer: `markets[17].outcomes`; empty for the answer itself. */
  path: string;
  /** What was found and what would be right. */
  reason: string;
  /** The venue's id of the row, when it could still be read. */
  id: string | null;
}

/** A value that was understood, or why not. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; refusal: PayloadRefusal };

/** Thrown by the readers of wire values and turned into a {@link PayloadRefusal} at the row; never leaves the library. */
export class WireProblem extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'WireProblem';
  }
}

const SHOWN_CHARACTERS = 60;

/** Names a value as it was found, cut short, for a refusal's reason. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') {
    const shown = JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
    return value.length > SHOWN_CHARACTERS ? `the text ${shown}... of ${value.length} characters` : `the text ${shown}`;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
