import { StartError } from '@app/platform';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoWorldOf } from './demo-world';

describe('demoWorldOf', () => {
  const first = new Date('2026-02-07T10:00:00.000Z');
  const later = new Date('2026-03-20T10:00:00.000Z');
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'papertrading-world-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('remembers the world of the first start', () => {
    const world = { markets: 300, seed: 7, epoch: first.toISOString() };
    expect(demoWorldOf(folder, { markets: 300, seed: 7 }, first)).toEqual(world);
    expect(demoWorldOf(folder, { markets: 300, seed: 7 }, later)).toEqual(world);
  });

  it.each([
    { markets: 301, seed: 7 },
    { markets: 300, seed: 8 },
  ])('refuses to mix in %p', (asked) => {
    demoWorldOf(folder, { markets: 300, seed: 7 }, first);
    expect(() => demoWorldOf(folder, asked, later)).toThrow(StartError);
    expect(() => demoWorldOf(folder, asked, later)).toThrow('300 markets, seed 7');
  });

  it('refuses a damaged file', () => {
    writeFileSync(join(folder, 'world.json'), '{"markets":');
    expect(() => demoWorldOf(folder, { markets: 300, seed: 7 }, first)).toThrow(StartError);
  });
});
