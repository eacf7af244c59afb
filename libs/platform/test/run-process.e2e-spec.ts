import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the fixture, sends the signal as soon as it is ready, and returns how it ended. */
function run(kind: string, signalsWhenReady: NodeJS.Signals[] = []): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['tools/ts.cjs', 'libs/platform/test/fixtures/process.ts', kind], {
      cwd: ROOT,
    });
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${kind} did not end in time; stdout: ${ended.stdout}; stderr: ${ended.stderr}`));
    }, 30_000);
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    let isSignalled = false;
    child.stdout.on('data', (chunk: Buffer) => {
      ended.stdout += chunk.toString();
      if (isSignalled || !ended.stdout.includes('ready')) return;
      isSignalled = true;
      signalsWhenReady.forEach((signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
    child.once('close', (code) => {
      clearTimeout(deadline);
      resolve({ ...ended, code });
    });
  });
}

describe('runProcess', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stops cleanly and exits 0 on %s', async (signal) => {
    expect(await run('serves', [signal])).toEqual({ code: 0, stdout: 'ready\nstopped\n', stderr: '' });
  });

  it('takes the two signals of one Ctrl-C under npm for one', async () => {
    expect(await run('serves', ['SIGINT', 'SIGINT'])).toMatchObject({ code: 0, stdout: 'ready\nstopped\n' });
  });

  it('tells its parent where it listens, and stops when the parent is gone', async () => {
    const child = fork('tools/ts.cjs', ['libs/platform/test/fixtures/process.ts', 'serves'], {
      cwd: ROOT,
      silent: true,
    });
    const exited = once(child, 'exit');
    expect(await once(child, 'message')).toEqual([{ type: 'ready', port: 1234 }, undefined]);
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('stops a process that is still starting', async () => {
    expect(await run('slow-start', ['SIGTERM'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits 0 when there is nothing left to do', async () => {
    expect(await run('finishes')).toMatchObject({ code: 0, stdout: 'ready\nstopped\n' });
  });

  it('prints a bad configuration plainly and exits 78', async () => {
    const ended = await run('bad-config');
    expect(ended.code).toBe(78);
    expect(ended.stderr).toBe('The configuration cannot be used:\n  A is not set\n  B is not set\n');
  });

  it('prints why it cannot start as a sentence and exits 1', async () => {
    expect(await run('cannot-start')).toEqual({ code: 1, stdout: '', stderr: 'The cellar is flooded. Pump it out.\n' });
  });

  it.each([
    ['fails', 'The engine stopped.'],
    ['unhandled', 'nobody awaited this'],
  ])('stops what runs and exits 1 when something %s', async (kind, message) => {
    const ended = await run(kind);
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\nstopped\n' });
    expect(ended.stderr).toContain(message);
  });

  it('exits 1 when stopping hangs', async () => {
    expect(await run('hangs', ['SIGTERM'])).toMatchObject({ code: 1 });
  });
});
