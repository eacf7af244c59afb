import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';

export interface TestRedis {
  url: string;
  pid: number;
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Tells whether the Redis lane can run here; a lane that cannot says why. */
export function hasRedisServer(): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'redis-server'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) process.stdout.write('skipped: the Redis lane needs redis-server on PATH\n');
  return found;
}

/** Starts a Redis of its own on a free port, in a temporary folder, without persistence. */
export async function startTestRedis(port?: number): Promise<TestRedis> {
  const chosen = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'papertrading-redis-'));
  const args = ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const deadline = Date.now() + 10_000;
  while (!(await accepts(chosen))) {
    if (Date.now() > deadline) {
      await kill();
      throw new Error(`redis-server did not listen on ${chosen} within 10 s`);
    }
  }
  return {
    url: `redis://127.0.0.1:${chosen}`,
    pid: child.pid ?? 0,
    kill,
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, 20, false));
  });
}
