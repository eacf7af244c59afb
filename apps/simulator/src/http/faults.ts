import { z } from 'zod';
import { type Answer, bodyText, type Call, json, parseBody } from './answer';

const target = {
  /** Start of the path, with the family: "/gamma/markets/keyset". */
  path: z.string().startsWith('/'),
  /** Requests it hits. */
  times: z.number().int().min(1).default(1),
  /** Matching requests let through before. */
  skip: z.number().int().min(0).default(0),
};

/** A fault on command. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    ...target,
    status: z.number().int().min(400).max(599),
    retry_after: z.union([z.number().int().min(0), z.string()]).optional(),
  }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang'), ...target }),
  /** Breaks the connection after half of the body. */
  z.strictObject({ kind: z.literal('drop'), ...target }),
  /** Cuts the JSON in the middle, with a matching length. */
  z.strictObject({ kind: z.literal('malformed_json'), ...target }),
  /** Puts a value of another type into a field of row `row`. */
  z.strictObject({
    kind: z.literal('wrong_type'),
    ...target,
    row: z.number().int().min(0),
    field: z.string(),
    value: z.json().default({ unexpected: true }),
  }),
  z.strictObject({ kind: z.literal('latency'), ...target, ms: z.number().min(0).max(600_000) }),
  /** A page whose next cursor is the one it was asked with. */
  z.strictObject({ kind: z.literal('stuck_cursor'), ...target }),
  /** A page that repeats its first rows at its end. */
  z.strictObject({ kind: z.literal('duplicate_rows'), ...target, rows: z.number().int().min(1).default(3) }),
  /** A page without rows that still names its next cursor. */
  z.strictObject({ kind: z.literal('empty_page'), ...target }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** Faults waiting for their requests, in the order they were given; the first that matches hits. */
export class Faults {
  private waiting: Fault[] = [];

  add(fault: Fault): void {
    this.waiting.push({ ...fault });
  }

  clear(): void {
    this.waiting = [];
  }

  list(): readonly Fault[] {
    return this.waiting;
  }

  take(path: string): Fault | null {
    for (const fault of this.waiting) {
      if (!path.startsWith(fault.path)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times === 0) this.waiting = this.waiting.filter((other) => other !== fault);
      return fault;
    }
    return null;
  }
}

type Rows = Record<string, unknown>[];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answer's rows, wherever the venue puts them. */
function changeRows(answer: Answer, change: (rows: Rows, holder: Record<string, unknown> | null) => Rows): Answer {
  const parsed = parseBody(bodyText(answer));
  if (Array.isArray(parsed)) return { ...answer, body: JSON.stringify(change(parsed.filter(isRecord), null)) };
  if (!isRecord(parsed)) return answer;
  const name = ['markets', 'events', 'data', 'history'].find((key) => Array.isArray(parsed[key]));
  if (name === undefined) return { ...answer, body: JSON.stringify(change([parsed], null)[0] ?? {}) };
  const rows = parsed[name];
  const holder = { ...parsed };
  holder[name] = change(Array.isArray(rows) ? rows.filter(isRecord) : [], holder);
  return { ...answer, body: JSON.stringify(holder) };
}

/** Returns what a fault makes of an answer; faults of the connection leave it as it is. */
export function spoil(fault: Fault, answer: Answer, call: Call): Answer {
  switch (fault.kind) {
    case 'status': {
      const headers: Record<string, string> = {};
      if (fault.retry_after !== undefined) headers['retry-after'] = fault.retry_after.toString();
      return {
        ...json({ error: fault.status === 429 ? 'Too Many Requests' : 'simulated fault' }, fault.status),
        headers,
      };
    }
    case 'malformed_json':
      return { ...answer, body: bodyText(answer).slice(0, Math.max(1, Math.floor(bodyText(answer).length / 2))) };
    case 'wrong_type':
      return changeRows(answer, (rows) =>
        rows.map((row, index) => (index === fault.row ? { ...row, [fault.field]: fault.value } : row)),
      );
    case 'stuck_cursor':
      return changeRows(answer, (rows, holder) => {
        const asked = call.query.get('after_cursor');
        if (holder !== null && asked !== null) holder.next_cursor = asked;
        return rows;
      });
    case 'duplicate_rows':
      return changeRows(answer, (rows) => [...rows, ...rows.slice(0, fault.rows)]);
    case 'empty_page':
      return changeRows(answer, () => []);
    case 'hang':
    case 'drop':
    case 'latency':
      return answer;
  }
}
