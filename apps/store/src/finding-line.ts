import type { CheckSummary, Finding } from '@app/embedded-store';

/** A finding as one line: where it is, what is wrong, and its kind. */
export function findingLine({ kind, namespace, index, id, detail }: Finding): string {
  const place = [
    namespace,
    index === null ? null : `index ${index}`,
    id === null ? null : id.startsWith('record ') ? id : `_id ${id}`,
  ].filter((part) => part !== null);
  return `${place.length === 0 ? '' : `${place.join(', ')}: `}${detail} (${kind})`;
}

/** What was looked at and how much was found, as one line. */
export function summaryLine({
  file,
  format,
  collections,
  documents,
  indexes,
  entries,
  findings,
}: CheckSummary): string {
  const looked = `${collections} collections, ${documents} documents, ${indexes} indexes, ${entries} entries`;
  return `${file}, format ${format}: ${looked}; ${findings === 0 ? 'nothing wrong' : `${findings} findings`}`;
}
