import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '../..');

function payloads(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/ts.cjs', 'tools/payloads/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm run -s payloads', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'payloads-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('prints what it read and exits with 0', () => {
    writeFileSync(path.join(folder, 'mid.json'), '{"mid":"0.5"}');
    const { status, stdout } = payloads(folder);
    expect(stdout).toContain('mid.json  clob-midpoint  1 records, 1 parsed, 0 refused');
    expect(status).toBe(0);
  });

  it('exits with 1 when something is refused', () => {
    writeFileSync(path.join(folder, 'mid.json'), '{"mid":"high"}');
    const { status, stdout } = payloads(folder);
    expect(stdout).toContain('mid: found the text "high", expected a number or numeric text');
    expect(status).toBe(1);
  });

  it.each([
    [['/no/such/folder'], 1, '/no/such/folder is not a folder'],
    [[], 2, 'usage: npm run -s payloads -- DIR'],
  ])('with %j exits with %i', (args, expected, said) => {
    const { status, stderr } = payloads(...args);
    expect(stderr).toContain(said);
    expect(status).toBe(expected);
  });
});
