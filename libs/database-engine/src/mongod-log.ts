import { readFileSync } from 'node:fs';
import { z } from 'zod';

const LINES = 5;

const logLine = z.object({ s: z.string(), msg: z.string(), attr: z.record(z.string(), z.unknown()).default({}) });

/** Returns the last words of a mongod for people: its errors, or else whatever it wrote last. */
export function lastWords(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const readable = lines.map(parseLine);
  const errors = readable.filter(({ isError }) => isError);
  return (errors.length > 0 ? errors : readable).slice(-LINES).map((line) => line.text);
}

/** As {@link lastWords}, of a file; nothing when it cannot be read. */
export function lastWordsIn(file: string): string[] {
  try {
    return lastWords(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

function parseLine(line: string): { isError: boolean; text: string } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { isError: false, text: line };
  }
  const parsed = logLine.safeParse(json);
  if (!parsed.success) return { isError: false, text: line };
  const { s, msg, attr } = parsed.data;
  const details = Object.keys(attr).length === 0 ? '' : ` ${JSON.stringify(attr)}`;
  return { isError: s === 'E' || s === 'F', text: `${msg}${details}` };
}
