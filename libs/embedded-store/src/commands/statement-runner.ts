import { StoreError } from '../errors/store-error';
import { WriteLockedError } from '../storage/write-locks';
import { isTransient } from '../transactions/errors';
import { type Engine, type Request, unitTargetOf } from './request';
import { Progress } from './write-progress';
import type { StatementRunner, Step } from './write-statements';
import { WriteUnit } from './write-unit';

const MAX_STATEMENTS = 100_000;

/** Notes the failure of a statement. @throws StoreError one after which a transaction as a whole may be tried again. */
function noteFailure(progress: Progress, { transaction }: Request, error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
  if (transaction !== undefined) {
    if (isTransient(error)) throw error;
    transaction.fail();
  }
  progress.addError(progress.next, error);
}

/**
 * Runs the statements of a write command, those a repeated command has done already left out. A statement that meets what an open
 * transaction has locked waits for it, and lets others write meanwhile. In a transaction the first failure ends the command.
 */
export async function runStatements(
  engine: Engine,
  request: Request,
  count: number,
  prepare: (index: number) => StatementRunner,
): Promise<Progress> {
  if (count === 0 || count > MAX_STATEMENTS) {
    throw new StoreError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${count} operations.`,
    );
  }
  const { args, transaction, retryKey: key } = request;
  const stopsAtError = transaction !== undefined || args.boolean('ordered', true);
  const saved = key === undefined ? null : engine.sessions.progress(key);
  const progress = saved === null ? new Progress() : Progress.decode(Buffer.from(saved));
  let statement: StatementRunner | null = null;
  let counted = { matched: progress.matched, modified: progress.modified };

  const attempt = (unit: WriteUnit): Step | WriteLockedError => {
    try {
      statement ??= prepare(progress.next);
      return statement(progress.next, progress, unit);
    } catch (error) {
      if (error instanceof WriteLockedError) return error;
      noteFailure(progress, request, error);
      // What a statement did before it failed stays, uncounted.
      Object.assign(progress, counted);
      return 'done';
    }
  };
  /** Runs statements until others have to be let in; returns what is to be waited for then, or null at the end. */
  const runStretch = (unit: WriteUnit): Promise<void> | null => {
    while (progress.next < count && !(stopsAtError && progress.errors.length > 0)) {
      const step = attempt(unit);
      if (step === 'done') {
        statement = null;
        progress.next += 1;
        counted = { matched: progress.matched, modified: progress.modified };
      }
      if (step instanceof WriteLockedError) return unit.giveWay(step.holder.ended);
      if (step === 'rest' || unit.isDue) return unit.rest();
    }
    return null;
  };
  const goOn = async (unit: WriteUnit, first: Promise<void>): Promise<void> => {
    for (let pause: Promise<void> | null = first; pause !== null; pause = runStretch(unit)) await pause;
  };
  const runAll = (unit: WriteUnit): Promise<void> | undefined => {
    const pause = runStretch(unit);
    return pause === null ? undefined : goOn(unit, pause);
  };
  await WriteUnit.run(unitTargetOf(engine, request), runAll, () => {
    if (key !== undefined) engine.sessions.save(key, progress.encode());
  });
  return progress;
}
