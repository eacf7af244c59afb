import { byteAt } from './raw-value';

/** Longer names are decoded every time. */
const LONGEST = 32;
/** A power of two, so that a hash becomes a place by its last bits. */
const PLACES = 2048;

interface KnownName {
  readonly bytes: Buffer;
  readonly text: string;
}

/** One name a place; a name whose place is taken by another takes it over. */
const known: (KnownName | undefined)[] = new Array<KnownName | undefined>(PLACES).fill(undefined);

/** The same text as the engine keeps it for names of properties: comparing that with a constant takes no look at its letters. */
function internalized(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text;
}

function isAt(name: Buffer, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < name.length; index += 1) if (name[index] !== bytes[start + index]) return false;
  return true;
}

/**
 * The name of a field, database or collection that lies between two positions. The same few come again and again, and decoding one costs
 * many times what comparing its bytes does.
 */
export function knownName(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST) return bytes.toString('utf8', start, end);
  let hash = length;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + byteAt(bytes, at)) | 0;
  const place = (hash ^ (hash >>> 11)) & (PLACES - 1);
  const found = known[place];
  if (found !== undefined && found.bytes.length === length && isAt(found.bytes, bytes, start)) return found.text;
  const text = internalized(bytes.toString('utf8', start, end));
  // Memory of its own: a piece of a shared one would keep the whole.
  const own = Buffer.allocUnsafeSlow(length);
  bytes.copy(own, 0, start, end);
  known[place] = { bytes: own, text };
  return text;
}
