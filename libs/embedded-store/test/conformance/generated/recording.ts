import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Case } from './cases';
import type { Dataset } from './dataset';
import { canonical, parseCanonical } from '../extended-json';
import type { Outcome } from './session';

/** Where recorded answers come from. */
export interface Provenance {
  readonly engine: string;
  readonly recorded_at: string;
  readonly seed: number;
  readonly generator_version: number;
  readonly cases: number;
}

export type RecordedCase = Pick<Case, 'id' | 'command' | 'compare' | 'loose'> & {
  readonly expected: Outcome;
  /** The ruling by which `expected` is MongoDB's answer instead of the reference's. */
  readonly ruling?: string;
};

export interface RecordedPortion {
  readonly dataset: Dataset;
  readonly cases: readonly RecordedCase[];
}

export interface Recording {
  readonly provenance: Provenance;
  readonly portions: readonly RecordedPortion[];
}

/** One line of canonical Extended JSON each: the provenance, then every dataset followed by its cases. */
export const RECORDING_FILE = join(__dirname, 'recorded.jsonl.gz');

export async function writeRecording({ provenance, portions }: Recording): Promise<void> {
  const lines = portions.flatMap(({ dataset, cases }) => [canonical({ dataset }), ...cases.map(canonical)]);
  await writeFile(RECORDING_FILE, gzipSync([canonical({ provenance }), ...lines, ''].join('\n'), { level: 9 }));
}

export async function readRecording(): Promise<Recording> {
  const text = gunzipSync(await readFile(RECORDING_FILE)).toString('utf8');
  const portions: { dataset: Dataset; cases: RecordedCase[] }[] = [];
  let provenance: Provenance | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = parseCanonical(line) as { provenance: unknown } | { dataset: Dataset } | RecordedCase;
    // Numbers of the provenance are plain ones.
    if ('provenance' in entry) ({ provenance } = JSON.parse(JSON.stringify(entry)) as { provenance: Provenance });
    else if ('dataset' in entry) portions.push({ dataset: entry.dataset, cases: [] });
    else portions.at(-1)?.cases.push(entry);
  }
  if (provenance === null) throw new Error(`${RECORDING_FILE} has no provenance`);
  return { provenance, portions };
}
