import { builtApp, sharedTestStore, waitFor } from '@app/testing';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(__dirname, '../../..');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** Where standalone processes of one test keep their data. */
export interface StandaloneStore {
  /** What tells a process so. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether each process brings a store of its own, as a child. */
  readonly isOwn: boolean;
  /** Ends it; call it when no process uses it any more. */
  stop(): Promise<void>;
}

/** Returns the server the whole run uses, else an embedded store in each data folder. */
export function standaloneStore(): StandaloneStore {
  const shared = sharedTestStore();
  if (shared !== null) return { environment: shared.environment, isOwn: false, stop: () => shared.stop() };
  return { environment: { STORE_ENGINE: 'embedded' }, isOwn: true, stop: () => Promise.resolve() };
}

/** The built standalone process under test. */
export class StandaloneProcess {
  private output = '';
  private ready: { url: string; simulatorUrl: string | null; childPids: number[] } | undefined;
  readonly ended: Promise<Ended>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.on('message', (message) => (this.ready = message as NonNullable<typeof this.ready>));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, output: this.output }));
    });
  }

  /** Starts it with exactly these settings; the machine's own do not reach it. */
  static start(command: 'demo' | 'start', settings: Record<string, string>): StandaloneProcess {
    const script = builtApp('standalone');
    builtApp('store');
    builtApp('simulator');
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOG_LEVEL: 'warn',
      // Tests ask as fast as they can.
      GLOBAL_RATE_LIMIT_PER_MINUTE: '100000',
      ...settings,
    };
    return new StandaloneProcess(fork(script, [command], { cwd: ROOT, env, silent: true }));
  }

  get url(): string {
    if (this.ready === undefined) throw new Error('not ready');
    return this.ready.url;
  }

  get simulatorUrl(): string {
    return this.ready?.simulatorUrl ?? '';
  }

  get childPids(): number[] {
    return this.ready?.childPids ?? [];
  }

  /** Waits until traffic may come. */
  async untilReady(): Promise<void> {
    const gone = this.ended.then(({ code, output }) => {
      throw new Error(`ended with ${code} before it was ready:\n${output}`);
    });
    const isReady = waitFor(async () => this.ready !== undefined && (await fetch(`${this.url}/health/ready`)).ok, {
      deadlineMs: 60_000,
      what: 'readiness',
    });
    await Promise.race([gone, isReady]);
  }

  async get<Body>(path: string): Promise<Body> {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a command for the demo's data and returns what it printed. */
async function runForDemo(script: string, args: string[], settings: Record<string, string>): Promise<string> {
  const env = { PATH: process.env['PATH'], ...settings };
  const command = ['tools/ts.cjs', script, '--demo', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
  return stdout.trim();
}

/** Runs the token command with the settings of a server and returns what it printed. */
export function makeToken(settings: Record<string, string>, role: string): Promise<string> {
  return runForDemo('tools/accounts/issue-token.ts', ['--role', role], settings);
}

/** Runs the command that makes an admin, with the settings of a server. */
export async function createAdmin(
  settings: Record<string, string>,
  email: string,
  password: string,
  ...args: string[]
): Promise<void> {
  const env = { ...settings, ADMIN_PASSWORD: password };
  await runForDemo('tools/accounts/create-admin.ts', ['--email', email, ...args], env);
}
