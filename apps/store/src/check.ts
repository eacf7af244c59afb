/**
 * Checks a data file: `npm run store:check -- --data-dir DIR [--json]`, also while a store serves it, or `--file FILE` for a backup.
 * Ends with 0 when nothing is wrong, 1 with findings, 2 when the file cannot be read.
 */
import { parseArgs } from 'node:util';
import { checkStore, type CheckTarget, StoreUnreadableError } from '@app/embedded-store';
import { runTool, say, SettingError } from './command-line';
import { findingLine, summaryLine } from './finding-line';

const FINDINGS_EXIT = 1;
const UNREADABLE_EXIT = 2;

function readArguments(): { target: CheckTarget; json: boolean } {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string' }, file: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const { 'data-dir': dataDir = process.env.DATA_DIR, file, json } = values;
  if (file !== undefined && values['data-dir'] !== undefined)
    throw new SettingError('give --data-dir or --file, not both');
  if (file !== undefined) return { target: { file }, json };
  if (dataDir === undefined) throw new SettingError('--data-dir (or DATA_DIR) or --file must say what to check');
  return { target: { dataDir }, json };
}

function check(): number {
  const { target, json } = readArguments();
  const summary = checkStore(target, (finding) => say(json ? JSON.stringify({ finding }) : findingLine(finding)));
  say(json ? JSON.stringify({ summary }) : summaryLine(summary));
  return summary.findings === 0 ? 0 : FINDINGS_EXIT;
}

runTool(check, [StoreUnreadableError], UNREADABLE_EXIT);
