import type { EquitySnapshot } from '@app/domain';
import { Connection, Model, mongo } from 'mongoose';
import { storeCall } from '../store-call';
import { snapshotKeys, StoredEquitySnapshot, toSnapshot, toStoredSnapshot } from './equity-snapshot.record';
import { insertAll, tradingModels } from './trading-writes';

/** What portfolios were worth; five-minute and hourly snapshots remove themselves. */
export class EquitySnapshotRepository {
  private readonly model: Model<StoredEquitySnapshot>;

  constructor(connection: Connection) {
    this.model = tradingModels(connection).equity;
  }

  /** Stores snapshots; one that is there already stays as it is. */
  async insertMany(snapshots: readonly EquitySnapshot[]): Promise<void> {
    await storeCall(async () => {
      try {
        await insertAll(this.model, snapshots.map(toStoredSnapshot), { ordered: false });
      } catch (error) {
        if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
        const others = [error.writeErrors].flat().filter((one) => one.code !== 11000);
        if (error.code !== 11000 || others.length > 0) throw error;
      }
    });
  }

  /** Returns snapshots of a run in a period, both ends included, oldest first. */
  async listRange(query: {
    portfolioId: string;
    run: number;
    from: Date;
    to: Date;
    limit: number;
  }): Promise<EquitySnapshot[]> {
    return storeCall(async () => {
      const stored = await this.model
        .find({ _id: snapshotKeys(query.portfolioId, query.run, query.from, query.to) })
        .sort({ _id: 1 })
        .limit(query.limit)
        .batchSize(query.limit)
        .lean<StoredEquitySnapshot[]>();
      return stored.map(toSnapshot);
    });
  }
}
