import type { mongo } from 'mongoose';
import { canonical } from '../extended-json';
import type { RecordedPortion } from './recording';
import { Session } from './session';

/** A recorded case the store answers differently, in canonical Extended JSON. */
export interface Difference {
  readonly id: string;
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

/** Runs recorded cases on a server and returns those it answers differently. */
export async function replay(db: mongo.Db, { dataset, cases }: RecordedPortion): Promise<Difference[]> {
  const session = await Session.open(db, dataset.name, dataset);
  const differences: Difference[] = [];
  for (const recorded of cases) {
    const actual = await session.observe({ ...recorded, single: [] });
    const { id, command, expected } = recorded;
    if (actual !== expected) differences.push({ id, command: canonical(command), expected, actual });
  }
  await session.drop();
  return differences;
}
