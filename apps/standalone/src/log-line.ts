import { z } from 'zod';

const logRecord = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().optional(),
  context: z.string().optional(),
  req: z.looseObject({ method: z.string(), path: z.string() }).optional(),
  res: z.looseObject({ status: z.number() }).optional(),
  err: z.looseObject({ message: z.string(), stack: z.string().optional() }).optional(),
});

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const INFO = 30;
const ERROR = 50;

/** Nest's own start-up chatter, which says nothing to somebody who watches a demo. */
const CHATTER = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'LegacyRouteConverter',
]);

const SHOWN_APART = new Set([
  'level',
  'time',
  'msg',
  'context',
  'err',
  'pid',
  'hostname',
  'req',
  'res',
  'responseTime',
]);

/** Turns one JSON log line into a line for people, or null for what is not worth showing. Text that is not a log line stays as it is. */
export function formatLogLine(json: string): string | null {
  const record = logRecord.safeParse(parseJson(json));
  if (!record.success) return json.trimEnd();
  const { level, time, msg, context, req, res, err } = record.data;
  if (level <= INFO && context !== undefined && CHATTER.has(context)) return null;
  const fields = Object.entries(record.data)
    .filter(([name, value]) => !SHOWN_APART.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const request = req === undefined ? '' : `${req.method} ${req.path} ${res?.status ?? ''}`.trimEnd();
  const clock = new Date(time).toISOString().slice(11, 19);
  const parts = [
    clock,
    LEVELS[level] ?? 'info',
    context === undefined ? '' : `${context}:`,
    msg ?? '',
    request,
    ...fields,
  ];
  const line = parts.filter((part) => part !== '').join(' ');
  if (err === undefined) return line;
  return level >= ERROR && err.stack !== undefined ? `${line}\n${err.stack}` : `${line} (${err.message})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
