import { StartError } from '@app/platform';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtSecretOf, prepareDataFolder } from './data-folder';

describe('the data folder', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'papertrading-data-'));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('keeps the venues apart', () => {
    expect(prepareDataFolder(root, 'simulated')).toBe(join(root, 'demo'));
    expect(prepareDataFolder(root, 'polymarket')).toBe(join(root, 'polymarket'));
    expect(readdirSync(root).sort()).toEqual(['demo', 'polymarket']);
  });

  it('refuses a path that is a file', () => {
    writeFileSync(join(root, 'taken'), '');
    expect(() => prepareDataFolder(join(root, 'taken'), 'simulated')).toThrow(StartError);
  });

  it('makes a secret once, for its owner alone', () => {
    const secret = jwtSecretOf(root);
    expect(secret.length).toBeGreaterThanOrEqual(64);
    expect(jwtSecretOf(root)).toBe(secret);
    expect(statSync(join(root, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(root)).toEqual(['jwt-secret']);
  });

  it('takes read access to the secret away from others', () => {
    const secret = jwtSecretOf(root);
    chmodSync(join(root, 'jwt-secret'), 0o644);
    expect(jwtSecretOf(root)).toBe(secret);
    expect(statSync(join(root, 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('refuses a secret that is too short, and one that cannot be read', () => {
    writeFileSync(join(root, 'jwt-secret'), 'short\n');
    expect(() => jwtSecretOf(root)).toThrow(StartError);
    expect(readFileSync(join(root, 'jwt-secret'), 'utf8')).toBe('short\n');
    mkdirSync(join(root, 'other', 'jwt-secret'), { recursive: true });
    expect(() => jwtSecretOf(join(root, 'other'))).toThrow(StartError);
  });
});
