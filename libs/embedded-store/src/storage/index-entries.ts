import { documentKeys, type DocumentKeys } from '../keys/index-keys';
import { textAt } from '../text/text-content';
import type { IndexDefinition } from './index-definition';

/** What an index holds of a document it leaves out. */
export const NO_KEYS: DocumentKeys = { keys: [], multikeyField: -1 };

/**
 * The keys a document has in an ordered index; none when the index leaves the document out.
 * @throws StoreError CannotIndexParallelArrays and others when the document cannot be in the index.
 */
export function keysOf({ fields, sparse, matchesPartial }: IndexDefinition, document: Buffer): DocumentKeys {
  return matchesPartial !== null && !matchesPartial(document) ? NO_KEYS : documentKeys(document, fields, sparse);
}

/** The text of every field of a text index in a document, or null when the index leaves the document out. */
export function textsOf({ weights, matchesPartial }: IndexDefinition, document: Buffer): string[] | null {
  if (weights === null || (matchesPartial !== null && !matchesPartial(document))) return null;
  const texts = weights.map(({ path }) => textAt(document, path));
  return texts.some((text) => text !== '') ? texts : null;
}
