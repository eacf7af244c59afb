import { StartError } from '@app/platform';
import type { EnginePlan, MongodSource } from './engine-plan';
import { findMongod, type MongodBinary } from './find-mongod';

const auto: EnginePlan & { kind: 'mongod' } = {
  kind: 'mongod',
  sources: ['path', 'cache', 'download'],
  passOverBroken: true,
  otherwise: { kind: 'embedded' },
};

interface Machine {
  /** What looking finds; a text is the reason why that does not work. */
  found: Partial<Record<MongodSource, string>>;
  /** Sources whose mongod does not start. */
  unstartable?: readonly MongodSource[];
}

function probesOf({ found, unstartable = [] }: Machine) {
  const asked: MongodSource[] = [];
  const warnings: string[] = [];
  return {
    asked,
    warnings,
    find: (source: MongodSource): Promise<MongodBinary | null> => {
      asked.push(source);
      const path = found[source];
      if (path?.startsWith('/') === false) return Promise.reject(new Error(path));
      return Promise.resolve(path === undefined ? null : { source, path, version: '7.0.14' });
    },
    start: ({ source, path }: MongodBinary) =>
      unstartable.includes(source) ? Promise.reject(new Error(`${path} crashed`)) : Promise.resolve({ from: path }),
    warn: (message: string) => void warnings.push(message),
  };
}

describe('findMongod', () => {
  const signal = new AbortController().signal;

  it('takes the first there is, and asks for no other', async () => {
    const probes = probesOf({ found: { path: '/usr/bin/mongod', cache: '/cache/mongod' } });
    const search = await findMongod(auto, probes, signal);
    expect(search).toMatchObject({ kind: 'mongod', running: { from: '/usr/bin/mongod' } });
    expect(probes.asked).toEqual(['path']);
    expect(probes.warnings).toEqual([]);
  });

  it('goes from source to source', async () => {
    const probes = probesOf({ found: { download: '/cache/mongod' } });
    expect(await findMongod(auto, probes, signal)).toMatchObject({ running: { from: '/cache/mongod' } });
    expect(probes.asked).toEqual(['path', 'cache', 'download']);
  });

  it.each([
    { found: { path: 'a library is missing', cache: '/cache/mongod' } },
    { found: { path: '/usr/bin/mongod', cache: '/cache/mongod' }, unstartable: ['path'] },
  ] satisfies Machine[])('passes over a mongod that does not work, with the reason: %j', async (machine) => {
    const probes = probesOf(machine);
    expect(await findMongod(auto, probes, signal)).toMatchObject({ running: { from: '/cache/mongod' } });
    expect(probes.warnings).toHaveLength(1);
    expect(probes.warnings[0]).toMatch(/mongod on PATH does not work: .*(library|crashed)/);
  });

  it('embeds when there is none', async () => {
    expect(await findMongod(auto, probesOf({ found: {} }), signal)).toEqual({
      kind: 'embedded',
      why: 'no mongod on PATH or in the cache',
    });
    const broken = probesOf({ found: { path: 'a library is missing' } });
    expect(await findMongod(auto, broken, signal)).toEqual({
      kind: 'embedded',
      why: 'mongod on PATH did not work',
    });
  });

  it('refuses when the plan does', async () => {
    const plan = { ...auto, otherwise: { kind: 'refuse', message: 'install one' } as const };
    await expect(findMongod(plan, probesOf({ found: {} }), signal)).rejects.toThrow(new StartError('install one'));
  });

  it('passes nothing over where the data are a mongod’s', async () => {
    const probes = probesOf({ found: { path: '/usr/bin/mongod', cache: '/cache/mongod' }, unstartable: ['path'] });
    await expect(findMongod({ ...auto, passOverBroken: false }, probes, signal)).rejects.toThrow(
      /\/usr\/bin\/mongod crashed\n.*DATA_DIR/,
    );
    expect(probes.asked).toEqual(['path']);
  });

  it('takes a stop for a stop, not for a mongod that does not work', async () => {
    const stopping = new AbortController();
    const probes = probesOf({ found: { path: '/usr/bin/mongod', cache: '/cache/mongod' } });
    const reason = new StartError('asked to stop');
    const start = (): Promise<never> => {
      stopping.abort(reason);
      return Promise.reject(new Error('interrupted'));
    };
    await expect(findMongod(auto, { ...probes, start }, stopping.signal)).rejects.toBe(reason);
    expect(probes.asked).toEqual(['path']);
  });
});
