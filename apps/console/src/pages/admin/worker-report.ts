import type { Schemas } from '../../api/client';

type Detail = Schemas['WorkerHealth']['detail'];

/** What a live-worker said of a book that is not live. */
export interface TroubledBook {
  marketId: string;
  state: string;
  reason: string | null;
}

/** What a worker says of itself, as far as this page knows what it means. */
export interface WorkerReport {
  /** Books by state; null for a worker that follows none. */
  books: Readonly<Record<string, number>> | null;
  troubled: readonly TroubledBook[];
  /** How many more are not live: a worker names the first few. */
  unnamed: number;
  /** Everything else it said, by name. */
  rest: readonly (readonly [name: string, value: string])[];
}

/** Reads the detail of a heartbeat, whose form each kind of worker chooses. */
export function readReport(detail: Detail): WorkerReport {
  const { books, not_live: notLive, ...rest } = detail;
  const counts = countsOf(books);
  const troubled = Array.isArray(notLive) ? notLive.flatMap(troubledBookOf) : [];
  const notLiveCount = Object.entries(counts ?? {}).reduce((sum, [state, n]) => (state === 'live' ? sum : sum + n), 0);
  return {
    books: counts,
    troubled,
    unnamed: Math.max(0, notLiveCount - troubled.length),
    rest: Object.entries(rest).map(([name, value]) => [name.replaceAll('_', ' '), sayOf(value)] as const),
  };
}

function countsOf(value: unknown): Record<string, number> | null {
  if (!isRecord(value)) return null;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

function troubledBookOf(value: unknown): TroubledBook[] {
  if (!isRecord(value)) return [];
  const { market_id: marketId, state, reason } = value;
  if (typeof marketId !== 'string' || typeof state !== 'string') return [];
  return [{ marketId, state, reason: typeof reason === 'string' ? reason : null }];
}

function sayOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([name, each]) => `${name.replaceAll('_', ' ')} ${sayOf(each)}`)
      .join(', ');
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
