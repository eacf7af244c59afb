import { StoreError } from '../errors/store-error';

export interface PathPart {
  readonly name: string;
  readonly bytes: Buffer;
  /** The position this part means inside an array, or null when it is no number. */
  readonly index: number | null;
}

/** A dotted path such as `tokens.0.price`, taken apart once. */
export interface FieldPath {
  readonly text: string;
  readonly parts: readonly PathPart[];
}

const known = new Map<string, FieldPath>();
const KNOWN_LIMIT = 2000;

function parsePart(name: string): PathPart {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : null;
  return { name, bytes: Buffer.from(name), index };
}

/** Takes a dotted path apart; the result is shared between callers. */
export function fieldPath(text: string): FieldPath {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const path = { text, parts: text.split('.').map(parsePart) };
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, path);
  return path;
}

/** Takes the path of a projection, a sort or an expression apart. @throws StoreError when a name is empty or that of an operator. */
export function checkedFieldPath(text: string): FieldPath {
  if (text === '') throw new StoreError('Location40352', 'FieldPath cannot be constructed with empty string');
  if (text.endsWith('.')) throw new StoreError('Location40353', "FieldPath must not end with a '.'.");
  const path = fieldPath(text);
  for (const { name } of path.parts) {
    if (name === '') throw new StoreError('Location15998', 'FieldPath field names may not be empty strings.');
    if (!name.startsWith('$')) continue;
    throw new StoreError(
      'Location16410',
      `FieldPath field names may not start with '$', given '${name}'. Consider using $getField or $setField.`,
    );
  }
  return path;
}
