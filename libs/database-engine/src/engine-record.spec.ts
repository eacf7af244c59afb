import { StartError } from '@app/platform';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEngineRecord, writeEngineRecord } from './engine-record';

describe('the record of a folder’s engine', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'papertrading-record-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is none for an empty folder, nor for one that is not there', () => {
    expect(readEngineRecord(folder)).toBeNull();
    expect(readEngineRecord(join(folder, 'gone'))).toBeNull();
  });

  it('gives back what was written last, and leaves no draft', () => {
    writeEngineRecord(folder, { engine: 'mongod', version: '7.0.14' });
    writeEngineRecord(folder, { engine: 'mongod', version: '8.0.1' });
    expect(readEngineRecord(folder)).toEqual({ engine: 'mongod', version: '8.0.1' });
    expect(readdirSync(folder)).toEqual(['engine.json']);
  });

  it('knows a folder of the embedded store from before there were records', () => {
    writeFileSync(join(folder, 'store.db'), '');
    expect(readEngineRecord(folder)).toEqual({ engine: 'embedded', version: 'unknown' });
  });

  it.each(['', '{"engine":"mon', '{"engine":"mysql","version":"8"}'])('is not guessed when it holds %j', (text) => {
    writeFileSync(join(folder, 'engine.json'), text);
    const read = (): unknown => readEngineRecord(folder);
    expect(read).toThrow(StartError);
    expect(read).toThrow(/engine\.json is damaged.*"mongod".*"embedded"/);
  });
});
