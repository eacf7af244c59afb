import { HealthIndicator, HealthRegistry, HealthReport } from '@app/platform';
import { mongo } from 'mongoose';
import { DATABASE_NAMES } from './databases';

/** Reports one database: up when it answers a ping. */
export class DatabaseHealth extends HealthIndicator {
  override readonly isEssential = true;

  constructor(
    override readonly name: string,
    private readonly db: mongo.Db,
  ) {
    super();
  }

  override async check(): Promise<HealthReport> {
    const startedAt = performance.now();
    const latency = (): number => Math.round((performance.now() - startedAt) * 100) / 100;
    try {
      await this.db.command({ ping: 1 });
      return { status: 'up', latencyMs: latency() };
    } catch (error) {
      return {
        status: 'down',
        latencyMs: latency(),
        detail: error instanceof Error ? error.name : 'the database does not answer',
      };
    }
  }
}

/** Makes every database known to the process's health. */
export function registerDatabases(registry: HealthRegistry, client: mongo.MongoClient, databasePrefix: string): void {
  for (const name of DATABASE_NAMES) registry.register(new DatabaseHealth(name, client.db(`${databasePrefix}${name}`)));
}
