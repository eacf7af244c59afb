import { findId } from '../documents/raw-document';
import { printed } from './duplicate-key';

/**
 * What can be wrong: `file` SQLite's own structures, `catalog` tables and their descriptions, `document` stored bytes, `count` the
 * number of documents, `missing_entry`, `stray_entry`, `multikey` and `duplicate` the entries of an index, `session` saved progress.
 */
export type FindingKind =
  'file' | 'catalog' | 'document' | 'count' | 'missing_entry' | 'stray_entry' | 'multikey' | 'duplicate' | 'session';

/** One thing that is wrong in a data file. */
export interface Finding {
  readonly kind: FindingKind;
  /** `database.collection`, where it is known. */
  readonly namespace: string | null;
  readonly index: string | null;
  /** The `_id` of the document as MongoDB's messages print it, or the record number where there is none to print. */
  readonly id: string | null;
  readonly detail: string;
}

/** What was looked at, and how much was found. */
export interface CheckSummary {
  readonly file: string;
  readonly format: number;
  readonly collections: number;
  readonly documents: number;
  readonly indexes: number;
  /** Index entries; for a text index the documents in it. */
  readonly entries: number;
  readonly findings: number;
}

export type Report = (finding: Finding) => void;

/** How findings name a document: its `_id`, or its record number. */
export function nameOf(document: Buffer | null, rid: number): string {
  const id = document === null ? null : findId(document);
  return id === null ? `record ${rid}` : printed(id);
}
