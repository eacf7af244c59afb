import { StartError } from '@app/platform';
import { join } from 'node:path';
import { z } from 'zod';
import { ChildProcess } from '../src/child-process';

const ready = z.object({ port: z.number() });

describe('ChildProcess', () => {
  const lines: string[] = [];
  let unexpected: (err: StartError) => void = () => undefined;

  function start(
    kind: string,
    readyWithinMs = 20_000,
    stopping = new AbortController(),
  ): Promise<ChildProcess<{ port: number }>> {
    return ChildProcess.start(
      {
        name: 'helper',
        script: join(__dirname, 'fixtures', 'child.cjs'),
        args: [kind],
        env: process.env,
        ready,
        readyWithinMs,
        stopWithinMs: kind === 'stubborn' ? 300 : 20_000,
      },
      { onLine: (line) => lines.push(line), onUnexpectedEnd: (err) => unexpected(err) },
      stopping.signal,
    );
  }

  function isAlive(pid: number | undefined): boolean {
    try {
      return pid !== undefined && process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  it('reports what the child announced, and stops it', async () => {
    const child = await start('serves');
    expect(child.ready.port).toBe(4711);
    expect(isAlive(child.pid)).toBe(true);
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
    await child.stop();
  });

  it('tells why a child could not start, in its own words', async () => {
    await expect(start('refuses')).rejects.toThrow('The helper ended (exit code 3).\n  no space left on device');
    expect(lines).toContain('no space left on device');
  });

  it('does not wait for ever, nor believe anything', async () => {
    await expect(start('silent', 300)).rejects.toThrow('not ready within 0.3 s');
    await expect(start('odd')).rejects.toThrow('reported something unusable');
  });

  it('gives up when the start is called off', async () => {
    const stopping = new AbortController();
    const starting = start('silent', 20_000, stopping);
    const reason = new StartError('called off');
    stopping.abort(reason);
    await expect(starting).rejects.toBe(reason);
    await expect(start('serves', 20_000, stopping)).rejects.toBe(reason);
  });

  it('reports a child that dies, but not one that was stopped', async () => {
    const reported: StartError[] = [];
    unexpected = (err) => reported.push(err);
    const stopped = await start('serves');
    await stopped.stop();
    const died = new Promise<StartError>((resolve) => (unexpected = resolve));
    await start('dies');
    expect((await died).message).toBe('The helper ended (signal SIGKILL).');
    expect(reported).toEqual([]);
  });

  it('ends a child that does not want to stop', async () => {
    const child = await start('stubborn');
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
  });
});
