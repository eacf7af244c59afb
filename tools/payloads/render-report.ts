import type { FileReport, FolderReport } from './read-folder';

/** The report as lines: one for each file, each refusal below its file, then the totals. */
export function renderReport(report: FolderReport): string {
  const width = Math.max(...report.files.map(({ file }) => file.length));
  const kindWidth = Math.max(...report.files.map(({ kind }) => (kind ?? UNKNOWN).length));
  const lines = report.files.flatMap((file) => [summaryOf(file, width, kindWidth), ...refusalsOf(file)]);
  const records = report.files.reduce((sum, file) => sum + file.records, 0);
  const parsed = report.files.reduce((sum, file) => sum + file.parsed, 0);
  const refused = report.files.reduce((sum, file) => sum + file.refusals.length, 0);
  const unknown = report.files.filter(({ kind }) => kind === null).map(({ file }) => file);
  lines.push('', `${report.files.length} files, ${records} records, ${parsed} parsed, ${refused} refused`);
  if (report.skipped.length > 0) lines.push(`not payloads, skipped: ${report.skipped.join(', ')}`);
  if (unknown.length > 0) lines.push(`of no known kind: ${unknown.join(', ')}`);
  lines.push(report.passed ? 'all understood' : 'NOT all understood');
  return `${lines.join('\n')}\n`;
}

const UNKNOWN = 'UNKNOWN';

function summaryOf(file: FileReport, width: number, kindWidth: number): string {
  const counts = `${file.records} records, ${file.parsed} parsed, ${file.refusals.length} refused`;
  return `${file.file.padEnd(width)}  ${(file.kind ?? UNKNOWN).padEnd(kindWidth)}  ${counts}`;
}

function refusalsOf(file: FileReport): string[] {
  return file.refusals.map(({ path, reason, id, known }) => {
    const row = id === null ? '' : ` (id ${id})`;
    return `    ${path === '' ? 'the payload' : path}${row}: ${reason}${known === null ? '' : ` [known: ${known}]`}`;
  });
}
