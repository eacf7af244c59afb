import { isAlive, type TestSimulator, waitFor } from '@app/testing';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What one start of the built standalone process stands on. */
export interface LifeSettings {
  script: string;
  dataDir: string;
  /** Where it keeps its data, as variables. */
  database: Readonly<Record<string, string>>;
  venue: TestSimulator;
}

const READY_WITHIN_MS = 60_000;

/** One life of the standalone process, with its own store unless it was given one, from a start to a kill. */
export class StandaloneLife {
  private output = '';
  private ready: { url: string; childPids: number[] } | undefined;
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.on('message', (message) => (this.ready = message as NonNullable<typeof this.ready>));
    this.ended = once(child, 'close');
  }

  /** Starts the process and waits until it takes requests. @throws Error with its output when it does not */
  static async start({ script, dataDir, database, venue }: LifeSettings): Promise<StandaloneLife> {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
      ...database,
      GAMMA_URL: venue.gammaUrl,
      CLOB_URL: venue.clobUrl,
      DATA_URL: venue.dataUrl,
      CLOB_WS_URL: venue.marketStreamUrl,
      VENUE_RATE_LIMIT: 'false',
      // Clients here ask as fast as they can, with tokens that outlive every kill.
      GLOBAL_RATE_LIMIT_PER_MINUTE: '166666',
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '525600',
      PASSWORD_HASH_MEMORY_KIB: '1024',
    };
    const life = new StandaloneLife(fork(script, ['start'], { env, silent: true }));
    await waitFor(async () => life.hasEnded() || (await life.answers()), {
      deadlineMs: READY_WITHIN_MS,
      what: 'the server taking requests',
    });
    if (life.hasEnded()) throw new Error(`the server ended by itself:\n${life.output}`);
    return life;
  }

  get url(): string {
    if (this.ready === undefined) throw new Error('the server is not ready');
    return this.ready.url;
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Kills the process with -9, and its store too when told to; a store left alone notices and stops by itself.
   * @throws Error with its output when it had ended before
   */
  async kill(options: { withStore: boolean }): Promise<void> {
    if (this.hasEnded()) throw new Error(`the server ended by itself:\n${this.output}`);
    const children = this.ready?.childPids ?? [];
    if (options.withStore) for (const pid of children) process.kill(pid, 'SIGKILL');
    this.child.kill('SIGKILL');
    await this.ended;
    await waitFor(() => !children.some(isAlive), { deadlineMs: READY_WITHIN_MS, what: 'the end of the store' });
  }

  /** Stops it the gentle way. @returns what it printed */
  async stop(): Promise<string> {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.output;
  }

  private async answers(): Promise<boolean> {
    if (this.ready === undefined) return false;
    return (await fetch(`${this.ready.url}/health/ready`)).ok;
  }
}
