/**
 * Copies the data of a folder to a file, also while a store serves it: `npm run store:backup -- --data-dir DIR --to FILE [--check]`.
 * Ends with 0 when the copy is there (and, with --check, nothing is wrong in it), otherwise with 1.
 */
import { parseArgs } from 'node:util';
import { BackupRefusedError, backupStore, checkStore, StoreUnreadableError } from '@app/embedded-store';
import { runTool, say, SettingError } from './command-line';
import { findingLine, summaryLine } from './finding-line';

const FAILED_EXIT = 1;

function readArguments(): { dataDir: string; to: string; check: boolean } {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string' }, to: { type: 'string' }, check: { type: 'boolean', default: false } },
  });
  const { 'data-dir': dataDir = process.env.DATA_DIR, to, check } = values;
  if (dataDir === undefined) throw new SettingError('--data-dir (or DATA_DIR) must say what to copy');
  if (to === undefined) throw new SettingError('--to must name the file to write');
  return { dataDir, to, check };
}

function backup(): number {
  const { dataDir, to, check } = readArguments();
  const { file, format, bytes } = backupStore(dataDir, to);
  say(`${file}: ${bytes} bytes, format ${format}`);
  if (!check) return 0;
  const summary = checkStore({ file }, (finding) => say(findingLine(finding)));
  say(summaryLine(summary));
  return summary.findings === 0 ? 0 : FAILED_EXIT;
}

runTool(backup, [BackupRefusedError, StoreUnreadableError], FAILED_EXIT);
