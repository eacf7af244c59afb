import { StartError } from '@app/platform';
import type { EnginePlan, MongodSource } from './engine-plan';

/** A mongod that can be run. */
export interface MongodBinary {
  readonly source: MongodSource;
  readonly path: string;
  readonly version: string;
}

/** What looking for a mongod touches. */
export interface MongodProbes<Running> {
  /** The mongod of a source; null when there is none. Rejects when there is one that does not work. */
  find(source: MongodSource): Promise<MongodBinary | null>;
  /** Rejects when it does not get ready. */
  start(binary: MongodBinary): Promise<Running>;
  /** Says what was passed over, and why. */
  warn(message: string): void;
}

export type MongodSearch<Running> =
  { kind: 'mongod'; running: Running; why: string } | { kind: 'embedded'; why: string };

const SOURCES: Readonly<Record<MongodSource, string>> = {
  path: 'mongod on PATH',
  cache: 'cached mongod of mongodb-memory-server',
  download: 'downloaded mongod',
};

/**
 * Tries the sources of a plan in turn and starts the first mongod that works.
 * @throws StartError when the plan refuses what was found; the reason of `stopping` when that is aborted
 */
export async function findMongod<Running>(
  plan: EnginePlan & { kind: 'mongod' },
  probes: MongodProbes<Running>,
  stopping: AbortSignal,
): Promise<MongodSearch<Running>> {
  const broken: string[] = [];
  for (const source of plan.sources) {
    try {
      const binary = await probes.find(source);
      stopping.throwIfAborted();
      if (binary === null) continue;
      return { kind: 'mongod', running: await probes.start(binary), why: `${SOURCES[source]}: ${binary.path}` };
    } catch (err) {
      stopping.throwIfAborted();
      const problem = `The ${SOURCES[source]} does not work: ${err instanceof Error ? err.message : String(err)}`;
      if (!plan.passOverBroken) {
        const remedy =
          'The data in the folder are a mongod’s, so no other engine is started on it. Repair that mongod, or set DATA_DIR to another folder.';
        throw new StartError(`${problem}\n${remedy}`, { cause: err });
      }
      broken.push(SOURCES[source]);
      probes.warn(problem);
    }
  }
  if (plan.otherwise.kind === 'refuse') throw new StartError(plan.otherwise.message);
  const why = broken.length === 0 ? 'no mongod on PATH or in the cache' : `${broken.join(' and ')} did not work`;
  return { kind: 'embedded', why };
}
