import type { ClosedListEntry, CommandShape, ShapeUse } from '@app/embedded-store';

export interface ShapeReport {
  /** Different shapes there were. */
  readonly shapes: number;
  /** What was sent and is not on the list, with command and place. */
  readonly offList: readonly string[];
  /** Entries of the list that nothing sent. */
  readonly unsent: readonly string[];
}

const nameOf = ({ kind, name }: Pick<ShapeUse, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Compares the shapes of commands that were sent with the closed list. */
export function checkShapes(shapes: readonly CommandShape[], list: readonly ClosedListEntry[]): ShapeReport {
  const listed = new Set(list.map(nameOf));
  const sent = new Set<string>();
  const offList = new Set<string>();
  for (const { command, uses } of shapes) {
    for (const use of uses) {
      sent.add(nameOf(use));
      if (!listed.has(nameOf(use))) offList.add(`${command}: ${nameOf(use)} at ${use.place}`);
    }
  }
  return {
    shapes: new Set(shapes.map((shape) => JSON.stringify(shape))).size,
    offList: [...offList].sort(),
    unsent: [...listed].filter((name) => !sent.has(name)),
  };
}
