import { Parsed } from './refusal';

const SHOWN_CHARACTERS = 200;

/** The JSON a body holds, or the refusal of the whole answer. */
export function parseJsonBody(body: Buffer): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) };
  } catch {
    return { ok: false, refusal: { path: '', reason: `found ${excerptOf(body)}, expected JSON`, id: null } };
  }
}

/** What an answer's body says, in one short line: its `error` when it has the venue's own form, else its beginning. */
export function excerptOf(body: Buffer): string {
  const text = body.subarray(0, 4 * SHOWN_CHARACTERS).toString('utf8');
  const said = /"error"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(text)?.[1] ?? text;
  const line = said.replace(/\p{Cc}+/gu, ' ').trim();
  if (line === '') return 'an empty body';
  return JSON.stringify(line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line);
}
