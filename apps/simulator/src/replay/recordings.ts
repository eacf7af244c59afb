import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? value.toString() : '';
}

export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function without(object: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Payloads as recorded, sorted into what they are. */
export interface Recordings {
  /** Gamma markets; the newest `updatedAt` of each id. */
  markets: JsonObject[];
  /** Gamma events with their markets inside. */
  events: JsonObject[];
  books: JsonObject[];
  /** Price series by the file's name without `history_` and extension. */
  histories: Map<string, JsonObject[]>;
  clobMarkets: JsonObject[];
  clobInfos: JsonObject[];
  trades: JsonObject[];
}

/** `*` stands for anything inside one folder. */
function matcher(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${escaped}$`);
}

function readRecords(file: string): unknown {
  const content = readFileSync(file, 'utf8');
  if (!file.endsWith('.jsonl')) return JSON.parse(content);
  return content
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.jsonl?$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function newest(rows: JsonObject[]): JsonObject[] {
  const byId = new Map<string, JsonObject>();
  for (const row of rows) {
    const id = textOf(row.id);
    const known = byId.get(id);
    if (known === undefined || textOf(known.updatedAt) <= textOf(row.updatedAt)) byId.set(id, row);
  }
  return [...byId.values()].sort((a, b) => Number(a.id) - Number(b.id));
}

/** The event of a nested market, without the markets in it, as lists of markets show it. */
function withParent(market: JsonObject, event: JsonObject): JsonObject {
  return { ...market, events: [without(event, 'markets', 'tags')] };
}

/**
 * Reads a folder of recorded payloads: `gamma/` (markets, `raw` lines, events, searches), `clob/` (books, market pages, market infos),
 * `prices/` and `data/`.
 * @param gammaGlobs paths relative to the folder; only these Gamma files are served. Empty: all of `gamma/`
 * @throws Error when no Gamma file matches
 */
export function readRecordings(folder: string, gammaGlobs: readonly string[]): Recordings {
  const wanted = (gammaGlobs.length === 0 ? ['gamma/*'] : gammaGlobs).map(matcher);
  const gammaFiles = listFolder(join(folder, 'gamma')).filter((name) =>
    wanted.some((glob) => glob.test(`gamma/${name}`)),
  );
  if (gammaFiles.length === 0)
    throw new Error(`no Gamma recording in ${folder} matches ${gammaGlobs.join(', ') || 'gamma/*'}`);
  const markets: JsonObject[] = [];
  const events: JsonObject[] = [];
  for (const name of gammaFiles) sortGamma(readRecords(join(folder, 'gamma', name)), markets, events);
  const recordings: Recordings = {
    markets: newest(markets),
    events: newest(events),
    books: [],
    histories: new Map(),
    clobMarkets: [],
    clobInfos: [],
    trades: [],
  };
  for (const name of listFolder(join(folder, 'clob'))) sortClob(readRecords(join(folder, 'clob', name)), recordings);
  for (const name of listFolder(join(folder, 'prices'))) {
    const series = readRecords(join(folder, 'prices', name));
    if (isObject(series)) {
      recordings.histories.set(name.replace(/^history_/, '').replace(/\.json$/, ''), objectsOf(series.history));
    }
  }
  for (const name of listFolder(join(folder, 'data'))) {
    recordings.trades.push(...objectsOf(readRecords(join(folder, 'data', name))));
  }
  return recordings;
}

function sortGamma(payload: unknown, markets: JsonObject[], events: JsonObject[]): void {
  const rows = Array.isArray(payload) ? objectsOf(payload) : isObject(payload) ? [payload] : [];
  for (const row of rows) {
    if (isObject(row.raw)) markets.push(row.raw);
    else if (Array.isArray(row.markets)) {
      events.push(row);
      markets.push(...objectsOf(row.markets).map((market) => withParent(market, row)));
    } else if (Array.isArray(row.events) && !('question' in row)) sortGamma(row.events, markets, events);
    else if ('question' in row) markets.push(row);
  }
}

function sortClob(payload: unknown, into: Recordings): void {
  const rows = isObject(payload) ? objectsOf(payload.data) : objectsOf(payload);
  for (const row of rows) {
    if ('asset_id' in row) into.books.push(row);
    else if ('t' in row && 'c' in row) into.clobInfos.push(row);
    else if ('condition_id' in row) into.clobMarkets.push(row);
  }
}
