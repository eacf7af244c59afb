import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ask } from './ask';

const ROOT = join(__dirname, '../../..');

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(env: NodeJS.ProcessEnv): { child: ChildProcess; output: () => string } {
  const child = fork('tools/ts.cjs', ['apps/simulator/src/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, SIMULATOR_MARKETS: '120', SIMULATOR_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.push(child);
  let written = '';
  child.stdout?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  return { child, output: () => written };
}

/** `close` waits for all output; it does not come once the channel was let go. */
async function ended(child: ChildProcess, event: 'exit' | 'close' = 'close'): Promise<unknown> {
  const [code] = (await once(child, event)) as [number | null];
  return code;
}

describe('the simulator as a process', () => {
  it('reports its url to its parent, says that it is simulated, and ends when the parent lets go', async () => {
    const { child, output } = start({});
    const [report] = (await once(child, 'message')) as [{ type: string; url: string }];
    expect(report).toEqual({ type: 'ready', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect((await ask<unknown[]>(`${report.url}/gamma/markets?limit=3`)).body).toHaveLength(3);
    const end = ended(child, 'exit');
    child.disconnect();
    expect(await end).toBe(0);
    expect(output()).toContain('SIMULATED');
  });

  it('ends with code 0 on SIGTERM, with connections open', async () => {
    const { child } = start({});
    const [report] = (await once(child, 'message')) as [{ url: string }];
    await ask(`${report.url}/gamma/status`);
    const end = ended(child);
    child.kill('SIGTERM');
    expect(await end).toBe(0);
  });

  it('names every bad variable at once and exits with 78', async () => {
    const { child, output } = start({ SIMULATOR_MARKETS: 'many', SIMULATOR_SEED: '-1', SIMULATOR_CLOCK: 'sundial' });
    expect(await ended(child)).toBe(78);
    for (const name of ['SIMULATOR_MARKETS', 'SIMULATOR_SEED', 'SIMULATOR_CLOCK']) expect(output()).toContain(name);
  });
});
