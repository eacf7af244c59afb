import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describeFound, parseJsonBody, type PayloadRefusal } from '@app/polymarket';
import { isObject, readPayload, type Reading } from './kinds';

/** A payload that is refused for a reason we know and keep. */
export interface KnownMalformed {
  /** The file's path, from its end: `gamma/markets_2024.json`. */
  file: string;
  /** The refused field's path in the payload. */
  path: string;
  /** Why the payload itself is at fault. */
  reason: string;
}

export interface FileReport {
  /** Path below the folder, with slashes. */
  file: string;
  /** Null when something in the file is nothing known. */
  kind: string | null;
  records: number;
  parsed: number;
  refusals: (PayloadRefusal & { known: string | null })[];
}

export interface FolderReport {
  files: FileReport[];
  /** Files that are no payloads by their name. */
  skipped: string[];
  /** Whether everything was understood or is known to be malformed. */
  passed: boolean;
}

/**
 * Reads every `.json` file (one payload) and `.jsonl` file (one payload a line) below a folder.
 * @throws Error when the folder does not exist or holds no payload.
 */
export function readPayloadFolder(folder: string, knownMalformed: readonly KnownMalformed[]): FolderReport {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new Error(`${folder} is not a folder`);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
  const payloads = names.filter((name) => /\.jsonl?$/.test(name));
  if (payloads.length === 0) throw new Error(`${folder} holds no .json or .jsonl file`);
  const files = payloads.map((file) =>
    readPayloadFile(file, readFileSync(path.join(folder, file), 'utf8'), knownMalformed),
  );
  return {
    files,
    skipped: names.filter((name) => !payloads.includes(name)),
    passed: files.every((file) => file.refusals.every((refusal) => refusal.known !== null)),
  };
}

/** Reads the payloads of one file; one that is nothing known makes the whole file unknown. */
export function readPayloadFile(file: string, text: string, knownMalformed: readonly KnownMalformed[]): FileReport {
  const isLines = file.endsWith('.jsonl');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const texts = isLines && lines.length > 0 ? lines : [text];
  const readings = texts.map((payload, index) => ({
    reading: readText(payload),
    line: isLines ? `line ${index + 1}: ` : '',
  }));
  const refusals = readings.flatMap(({ reading, line }) =>
    reading.refusals.map((refusal) => ({
      ...refusal,
      path: `${line}${refusal.path}`.replace(/: $/, ''),
      known: knownReason(knownMalformed, file, refusal.path),
    })),
  );
  const kinds = new Set(readings.map(({ reading }) => reading.kind));
  const known = kinds.size > 0 && !kinds.has(null);
  return {
    file,
    kind: known ? [...kinds].join(' + ') : null,
    records: readings.reduce((sum, { reading }) => sum + reading.records, 0),
    parsed: readings.reduce((sum, { reading }) => sum + reading.parsed, 0),
    refusals,
  };
}

/** Reads one payload; what is no JSON or nothing known is refused as a whole, with a null kind. */
function readText(text: string): Omit<Reading, 'kind'> & { kind: string | null } {
  const json = parseJsonBody(Buffer.from(text));
  if (!json.ok) return unknownPayload(json.refusal.reason);
  const found = isObject(json.value)
    ? `an object of ${Object.keys(json.value).slice(0, 8).join(', ')}`
    : describeFound(json.value);
  return readPayload(json.value) ?? unknownPayload(`found ${found}, expected a payload of a known kind`);
}

function unknownPayload(reason: string): Omit<Reading, 'kind'> & { kind: null } {
  return { kind: null, records: 1, parsed: 0, refusals: [{ path: '', reason, id: null }] };
}

function knownReason(knownMalformed: readonly KnownMalformed[], file: string, refusedPath: string): string | null {
  const entry = knownMalformed.find(
    (known) => (file === known.file || file.endsWith(`/${known.file}`)) && known.path === refusedPath,
  );
  return entry?.reason ?? null;
}
