import { Int32 } from 'bson';
import { canonical, parseCanonical } from '../extended-json';
import { type Case, kindOf } from './cases';
import type { Fields } from './dataset';
import type { Outcome } from './session';

/** Where the reference is known to answer something else than MongoDB's manual says. */
interface Ruling {
  readonly name: string;
  /** The place in MongoDB's manual. */
  readonly source: string;
  /** MongoDB's answer, or null when the case is none of this ruling. */
  readonly apply: (testCase: Case, outcome: Outcome) => Outcome | null;
}

const RULINGS: readonly Ruling[] = [
  {
    name: 'findAndModify that matches and changes nothing',
    source:
      'Database Commands, findAndModify, "lastErrorObject": n is the number of documents that matched the update predicate',
    apply: (testCase, outcome) => {
      if (kindOf(testCase) !== 'findAndModify' || testCase.command.remove === true) return null;
      const { value, lastErrorObject } = (outcome.result ?? {}) as { value?: unknown; lastErrorObject?: Fields };
      if (value === undefined || value === null || Number(lastErrorObject?.n) !== 0) return null;
      return { ...outcome, result: { value, lastErrorObject: { n: new Int32(1), updatedExisting: true } } };
    },
  },
];

/** The answer, or MongoDB's where the reference deviates from its manual, then with the ruling's name. */
export function ruled(testCase: Case, answer: string): { expected: string; ruling: string | null } {
  const outcome = parseCanonical(answer) as Outcome;
  for (const { name, source, apply } of RULINGS) {
    const instead = apply(testCase, outcome);
    if (instead !== null) return { expected: canonical(instead), ruling: `${name} (${source})` };
  }
  return { expected: answer, ruling: null };
}
