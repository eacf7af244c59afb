import {
  type EngineRequest,
  findServingMongod,
  readEngineRecord,
  type RunningEngine,
  startEngine,
} from '@app/database-engine';
import { startStore } from '@app/embedded-store';
import { StartError } from '@app/platform';
import { waitFor } from '@app/testing';
import { MongoClient } from 'mongodb';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installBrokenMongod, installMongodStandIn } from './mongod-stand-in';

const TS = join(__dirname, '../../../tools/ts.cjs');
const HOLDER = join(__dirname, 'fixtures/hold-engine.ts');

/** A version nobody has in a cache, so that no mongod of the machine gets into these tests. */
process.env.MONGOMS_VERSION = '0.0.1';

describe('startEngine', () => {
  let root: string;
  let folder: string;
  let bin: string;
  const running: RunningEngine[] = [];
  const holders: ChildProcess[] = [];
  const warnings: string[] = [];
  let onUnexpectedEnd: (err: StartError) => void;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'papertrading-engine-'));
    folder = join(root, 'data');
    bin = join(root, 'nothing');
    await mkdir(folder);
    warnings.length = 0;
    onUnexpectedEnd = (err) => {
      throw err;
    };
  });

  afterEach(async () => {
    for (const holder of holders.splice(0)) holder.kill('SIGKILL');
    await Promise.all(running.splice(0).map((engine) => engine.stop()));
    await rm(root, { recursive: true, force: true });
  });

  async function start(request: Partial<EngineRequest> = {}): Promise<RunningEngine> {
    const engine = await startEngine(
      { mongoUri: undefined, wish: 'auto', mayDownload: false, path: bin, folder, ...request },
      async () => {
        const store = await startStore({ dataDir: folder });
        return { uri: store.uri, version: '1.2.3', stop: () => store.close() };
      },
      { warn: (message) => warnings.push(message), onUnexpectedEnd: (err) => onUnexpectedEnd(err) },
      new AbortController().signal,
    );
    running.push(engine);
    return engine;
  }

  async function withNotes<Result>(
    uri: string,
    work: (notes: ReturnType<ReturnType<MongoClient['db']>['collection']>) => Promise<Result>,
  ): Promise<Result> {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
    try {
      return await work(client.db('shop').collection('notes'));
    } finally {
      await client.close();
    }
  }

  const remember = (uri: string, text: string): Promise<unknown> =>
    withNotes(uri, (notes) => notes.insertOne({ text }));
  const recall = (uri: string): Promise<unknown[]> =>
    withNotes(uri, async (notes) => (await notes.find().toArray()).map(({ text }) => String(text)));

  function isAlive(pid: number | undefined): boolean {
    try {
      return pid !== undefined && process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  /** Starts an engine in a process of its own. */
  async function startHolder(): Promise<{ pid: number; uri: string; kill: () => Promise<unknown>; holder: number }> {
    const child = fork(TS, [HOLDER, folder], { env: { ...process.env, PATH: bin }, silent: true });
    holders.push(child);
    const errors: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    const died = once(child, 'exit').then(() => {
      throw new Error(`the holder ended: ${Buffer.concat(errors).toString()}`);
    });
    const [report] = (await Promise.race([once(child, 'message'), died])) as [{ pid: number; uri: string }];
    died.catch(() => undefined);
    const kill = async (): Promise<void> => {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    };
    return { ...report, kill, holder: child.pid ?? 0 };
  }

  it('runs the mongod on PATH, keeps the folder with it, and finds the data at the next start', async () => {
    bin = await installMongodStandIn(root);
    const first = await start();
    expect(first).toMatchObject({ kind: 'mongod', version: '7.0.14' });
    for (const fact of ['mongod 7.0.14', 'mongod on PATH', bin, join(folder, 'mongod')])
      expect(first.summary).toContain(fact);
    await remember(first.uri, 'bread');
    expect(readEngineRecord(folder)).toEqual({ engine: 'mongod', version: '7.0.14' });
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    await first.stop();

    const second = await start();
    expect(second.uri).toBe(first.uri);
    expect(await recall(second.uri)).toEqual(['bread']);
  });

  it('moves to another port when the last one is taken, and moves the replica set along', async () => {
    bin = await installMongodStandIn(root);
    const first = await start();
    await remember(first.uri, 'bread');
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.uri).port), '127.0.0.1');
    await once(squatter, 'listening');
    const second = await start();
    squatter.close();
    expect(second.uri).not.toBe(first.uri);
    expect(await recall(second.uri)).toEqual(['bread']);
  });

  it('reports a mongod that dies, with where its log is', async () => {
    bin = await installMongodStandIn(root);
    const died = new Promise<StartError>((resolve) => (onUnexpectedEnd = resolve));
    const engine = await start();
    process.kill(engine.pid ?? 0, 'SIGKILL');
    const { message } = await died;
    expect(message).toContain('mongod ended (signal SIGKILL)');
    expect(message).toContain(join(folder, 'mongod.log'));
  });

  it('leaves no mongod behind when its process is killed, nor when the guard is killed too', async () => {
    bin = await installMongodStandIn(root);
    const first = await startHolder();
    await remember(first.uri, 'bread');
    expect((await findServingMongod(folder))?.owner).toBe(first.holder);
    await expect(start()).rejects.toThrow(`in use by process ${first.holder}`);
    await first.kill();
    await waitFor(() => !isAlive(first.pid), { deadlineMs: 15_000, what: 'the end of the mongod' });

    const second = await startHolder();
    const guard = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .find((line) => line.endsWith(` sh ${second.pid}`));
    process.kill(Number.parseInt(guard ?? '', 10), 'SIGKILL');
    await second.kill();
    expect(isAlive(second.pid)).toBe(true);
    expect(await findServingMongod(folder)).toBeNull();
    const third = await start();
    await waitFor(() => !isAlive(second.pid), { what: 'the end of the orphan' });
    expect(await recall(third.uri)).toEqual(['bread']);
  });

  it('refuses a folder of a mongod when there is none any more, or it is broken', async () => {
    bin = await installMongodStandIn(root);
    await (await start()).stop();
    const none = start({ path: join(root, 'nothing') });
    await expect(none).rejects.toThrow(StartError);
    await expect(none).rejects.toThrow(/belong to a mongod \(7\.0\.14\).*Install MongoDB/);
    await installBrokenMongod(root, 'process.stderr.write("libcrypto.so.1.1: cannot open"); process.exit(127);');
    await expect(start()).rejects.toThrow(/libcrypto.so.1.1: cannot open[^]*DATA_DIR/);
    await expect(start({ wish: 'embedded' })).rejects.toThrow(/STORE_ENGINE=embedded/);
  });

  it('keeps the embedded store for a folder it filled, also before folders were marked', async () => {
    const first = await start();
    expect(first).toMatchObject({ kind: 'embedded', version: '1.2.3' });
    expect(first.summary).toBe(`embedded store 1.2.3 (no mongod on PATH or in the cache), data in ${folder}`);
    await remember(first.uri, 'bread');
    await first.stop();
    bin = await installMongodStandIn(root);
    await rm(join(folder, 'engine.json'));
    const second = await start();
    expect(second.kind).toBe('embedded');
    expect(await recall(second.uri)).toEqual(['bread']);
    await expect(start({ wish: 'mongod' })).rejects.toThrow(/STORE_ENGINE=mongod/);
  });

  it.each([
    ['does not run', 'process.stderr.write("libcrypto.so.1.1: cannot open"); process.exit(127);', /libcrypto/],
    ['prints no version', 'process.stdout.write("hello");', /prints no version/],
    [
      'does not start',
      `if (process.argv[2] === '--version') process.stdout.write('db version v7.0.14');
       else { process.stdout.write(JSON.stringify({ s: 'E', msg: 'Illegal instruction', attr: {} })); process.exit(132); }`,
      /exit code 132[^]*Illegal instruction/,
    ],
  ])('passes over a mongod that %s while the folder is empty, and says why', async (_how, script, reason) => {
    bin = await installBrokenMongod(root, script);
    expect((await start()).kind).toBe('embedded');
    expect(warnings).toEqual([expect.stringMatching(reason)]);
    expect(readEngineRecord(folder)?.engine).toBe('embedded');
  });

  it('runs a mongod from the cache of mongodb-memory-server', async () => {
    process.env.MONGOMS_DOWNLOAD_DIR = join(root, 'cache');
    try {
      const [, cached] = await DryMongoBinary.generateDownloadPath(await DryMongoBinary.generateOptions());
      const source = join(await installMongodStandIn(root), 'mongod');
      await mkdir(join(root, 'cache'));
      await copyFile(source, cached);
      // The cache believes no binary below a megabyte, and none without its sum.
      await writeFile(cached, ' '.repeat(1_048_576), { flag: 'a' });
      await writeFile(`${cached}.md5`, '');
      await chmod(cached, 0o755);
      const engine = await start({ wish: 'mongod' });
      expect(engine.kind).toBe('mongod');
      expect(engine.summary).toContain(cached);
    } finally {
      delete process.env.MONGOMS_DOWNLOAD_DIR;
      DryMongoBinary.binaryCache.clear();
    }
  });

  it('uses the server of MONGO_URI, or fails naming it and nothing secret', async () => {
    const store = await startStore({ dataDir: join(root, 'elsewhere') });
    const mongoUri = store.uri;
    try {
      const engine = await start({ mongoUri });
      expect(engine).toMatchObject({ kind: 'server', uri: mongoUri });
      expect(engine.summary).toContain('MONGO_URI is set');
      expect(readEngineRecord(folder)).toBeNull();
    } finally {
      await store.close();
    }
    const gone = start({ mongoUri: 'mongodb://me:secret@127.0.0.1:9/shop?serverSelectionTimeoutMS=300' });
    await expect(gone).rejects.toThrow(/mongodb:\/\/127\.0\.0\.1:9\/shop \(MONGO_URI\) cannot be reached/);
    await expect(gone).rejects.not.toThrow(/secret/);
    await expect(start({ mongoUri: 'http://127.0.0.1:9/' })).rejects.toThrow(StartError);
  });
});
