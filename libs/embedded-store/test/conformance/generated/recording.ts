import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Case } from './cases';
import type { Dataset } from './dataset';
import { canonical, parseCanonical } from '../extended-json';

/** Where recorded answers come from. */
export interface Provenance {
  readonly engine: string;
  readonly recorded_at: string;
  readonly seed: number;
  readonly generator_version: number;
  readonly cases: number;
}

export type RecordedCase = Pick<Case, 'id' | 'command' | 'compare' | 'loose'> & {
  /** The outcome in canonical Extended JSON. */
  readonly expected: string;
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

/**
 * Lines of canonical Extended JSON: the provenance, then every dataset followed by its cases, of which each is a line with the command
 * and a line with the answer.
 */
export const RECORDING_FILE = join(__dirname, 'recorded.jsonl.gz');

const ANSWER = '{"expected":';

export async function writeRecording({ provenance, portions }: Recording): Promise<void> {
  const lines = portions.flatMap(({ dataset, cases }) => [
    canonical({ dataset }),
    ...cases.flatMap(({ expected, ...rest }) => [canonical(rest), `${ANSWER}${expected}}`]),
  ]);
  await writeFile(RECORDING_FILE, gzipSync([JSON.stringify({ provenance }), ...lines, ''].join('\n'), { level: 9 }));
}

export async function readRecording(): Promise<Recording> {
  const [first = '', ...lines] = gunzipSync(await readFile(RECORDING_FILE))
    .toString('utf8')
    .split('\n');
  const { provenance } = JSON.parse(first) as { provenance: Provenance };
  const portions: { dataset: Dataset; cases: RecordedCase[] }[] = [];
  let waiting: Omit<RecordedCase, 'expected'> | null = null;
  for (const line of lines) {
    if (line.startsWith(ANSWER) && waiting !== null) {
      portions.at(-1)?.cases.push({ ...waiting, expected: line.slice(ANSWER.length, -1) });
    } else if (line !== '') {
      const entry = parseCanonical(line) as { dataset: Dataset } | Omit<RecordedCase, 'expected'>;
      if ('dataset' in entry) portions.push({ dataset: entry.dataset, cases: [] });
      else waiting = entry;
    }
  }
  return { provenance, portions };
}
