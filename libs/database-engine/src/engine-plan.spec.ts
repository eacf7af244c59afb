import { StartError } from '@app/platform';
import { type EngineFacts, planEngine } from './engine-plan';

const fresh: EngineFacts = { mongoUri: undefined, wish: 'auto', mayDownload: false, folder: '/x/data', owner: null };
const embedded = { engine: 'embedded', version: '0.1.0' } as const;
const mongod = { engine: 'mongod', version: '7.0.14' } as const;

describe('planEngine', () => {
  it('uses the server of MONGO_URI, whatever the folder holds', () => {
    const mongoUri = 'mongodb://db:27017/';
    for (const owner of [null, embedded, mongod]) {
      expect(planEngine({ ...fresh, mongoUri, owner })).toEqual({ kind: 'server', uri: mongoUri });
    }
  });

  it.each(['embedded', 'mongod'] as const)('refuses MONGO_URI together with STORE_ENGINE=%s', (wish) => {
    expect(() => planEngine({ ...fresh, mongoUri: 'mongodb://db:27017/', wish })).toThrow(/MONGO_URI.*STORE_ENGINE/);
  });

  it('looks for a mongod on PATH, then in the cache, and else embeds', () => {
    expect(planEngine(fresh)).toEqual({
      kind: 'mongod',
      sources: ['path', 'cache'],
      passOverBroken: true,
      otherwise: { kind: 'embedded' },
    });
  });

  it('downloads only when that is allowed, and last', () => {
    expect(planEngine({ ...fresh, mayDownload: true })).toMatchObject({ sources: ['path', 'cache', 'download'] });
  });

  it('does not look for a mongod when the embedded store is asked for, or owns the folder', () => {
    for (const facts of [
      { ...fresh, wish: 'embedded' },
      { ...fresh, owner: embedded, mayDownload: true },
      { ...fresh, owner: embedded, wish: 'embedded' },
    ] as const) {
      expect(planEngine(facts)).toMatchObject({ kind: 'embedded' });
    }
  });

  it('refuses to embed where a mongod owns the folder, and says how to go on', () => {
    for (const wish of ['auto', 'mongod'] as const) {
      const plan = planEngine({ ...fresh, wish, owner: mongod });
      expect(plan).toMatchObject({ kind: 'mongod', passOverBroken: false, otherwise: { kind: 'refuse' } });
      expect(JSON.stringify(plan)).toMatch(
        /\/x\/data belong to a mongod \(7\.0\.14\).*Install MongoDB.*STORE_DOWNLOAD/,
      );
    }
  });

  it('does not embed when a mongod was asked for', () => {
    const plan = planEngine({ ...fresh, wish: 'mongod' });
    expect(plan).toMatchObject({ kind: 'mongod', passOverBroken: true, otherwise: { kind: 'refuse' } });
  });

  it.each([
    [mongod, 'embedded'],
    [embedded, 'mongod'],
  ] as const)('refuses a folder of %o when STORE_ENGINE=%s', (owner, wish) => {
    const plan = (): unknown => planEngine({ ...fresh, owner, wish });
    expect(plan).toThrow(StartError);
    expect(plan).toThrow(/\/x\/data.*Unset STORE_ENGINE.*DATA_DIR/);
  });
});
