import { Connection } from 'mongoose';
import { DATABASE_NAMES, DatabaseName } from './databases';

export interface DatabaseHealth {
  name: DatabaseName;
  up: boolean;
  latencyMs: number;
  /** Why it did not answer; null when it did. */
  problem: string | null;
}

/** Asks every database whether it answers. */
export class StoreHealth {
  constructor(
    private readonly root: Connection,
    private readonly databasePrefix: string,
  ) {}

  /** Never throws: a database that does not answer within `timeoutMs` is reported as down. */
  async check(timeoutMs = 2_000): Promise<DatabaseHealth[]> {
    return Promise.all(DATABASE_NAMES.map((name) => this.ping(name, timeoutMs)));
  }

  private async ping(name: DatabaseName, timeoutMs: number): Promise<DatabaseHealth> {
    const started = performance.now();
    const latency = (): number => Math.round((performance.now() - started) * 100) / 100;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      const db = this.root.getClient().db(`${this.databasePrefix}${name}`);
      await Promise.race([db.command({ ping: 1 }), tooLate]);
      return { name, up: true, latencyMs: latency(), problem: null };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { name, up: false, latencyMs: latency(), problem };
    } finally {
      clearTimeout(timer);
    }
  }
}
