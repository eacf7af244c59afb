import { StartError } from '@app/platform';
import { type ChildProcess as NodeChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface ChildPlan<Ready> {
  /** What it is, for messages: "embedded store". */
  name: string;
  /** The built script. */
  script: string;
  args?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** What the child reports once it is ready, beside `type: 'ready'`, over its IPC channel. */
  ready: z.ZodType<Ready>;
  /** Longest it may take to get ready, milliseconds. */
  readyWithinMs: number;
  /** Longest it may take to stop before it is ended, milliseconds; 8 s when left out. */
  stopWithinMs?: number;
}

export interface ChildEvents {
  /** A line the child wrote. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
  /** The child ended although nobody stopped it. Not called before it was ready. */
  onUnexpectedEnd(err: StartError): void;
}

const STOP_WITHIN_MS = 8_000;
const LAST_LINES = 12;

/**
 * A process of this one's own: it gets no signals from the terminal, because this process stops it in the right order, and it
 * ends by itself when this process is gone, because then its IPC channel closes.
 */
export class ChildProcess<Ready> {
  private isStopping = false;

  private constructor(
    private readonly child: NodeChildProcess,
    private readonly exited: Promise<string>,
    private readonly stopWithinMs: number,
    readonly ready: Ready,
  ) {}

  /** @throws StartError with the child's last words when it ends, or is not ready in time; the stop's reason when aborted */
  static async start<Ready>(
    plan: ChildPlan<Ready>,
    events: ChildEvents,
    stopping: AbortSignal,
  ): Promise<ChildProcess<Ready>> {
    stopping.throwIfAborted();
    const stopWithinMs = plan.stopWithinMs ?? STOP_WITHIN_MS;
    const child = fork(plan.script, plan.args ?? [], {
      env: plan.env,
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const lastLines: string[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      const input = child[stream];
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        if (stream === 'stderr') lastLines.push(line);
        if (lastLines.length > LAST_LINES) lastLines.shift();
        events.onLine(line, stream);
      });
    }
    const exited = new Promise<string>((resolve) => {
      child.once('error', (err) => resolve(err.message));
      child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    const lastWords = (how: string): StartError =>
      new StartError([`The ${plan.name} ended (${how}).`, ...lastLines.map((line) => `  ${line}`)].join('\n'));

    let release: () => void = () => undefined;
    const ready = new Promise<Ready>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new StartError(`The ${plan.name} was not ready within ${plan.readyWithinMs / 1000} s.`)),
        plan.readyWithinMs,
      );
      const onAbort = (): void => reject(stopping.reason as Error);
      stopping.addEventListener('abort', onAbort);
      release = () => {
        clearTimeout(timer);
        stopping.removeEventListener('abort', onAbort);
      };
      child.once('message', (message) => {
        const report = plan.ready.safeParse(message);
        if (report.success) resolve(report.data);
        else reject(new StartError(`The ${plan.name} reported something unusable: ${z.prettifyError(report.error)}`));
      });
      void exited.then((how) => reject(lastWords(how)));
    });
    try {
      const started = new ChildProcess(child, exited, stopWithinMs, await ready);
      void exited.then((how) => {
        if (!started.isStopping) events.onUnexpectedEnd(lastWords(how));
      });
      return started;
    } catch (err) {
      await end(child, exited, stopWithinMs);
      throw err;
    } finally {
      release();
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Asks the child to stop and waits; one that does not stop in time is ended. Harmless when repeated. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await end(this.child, this.exited, this.stopWithinMs);
  }
}

async function end(child: NodeChildProcess, exited: Promise<unknown>, stopWithinMs: number): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await exited;
  clearTimeout(timer);
}
