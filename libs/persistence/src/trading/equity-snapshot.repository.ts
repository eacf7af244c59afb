import type { EquitySnapshot, EquitySnapshotGrain } from '@app/domain';
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
    grains?: readonly EquitySnapshotGrain[];
    limit: number;
  }): Promise<EquitySnapshot[]> {
    return this.list(query, 1, query.limit);
  }

  /** Returns the last snapshot of a run at or before a moment; null when there is none. */
  async findLast(query: { portfolioId: string; run: number; at: Date }): Promise<EquitySnapshot | null> {
    const [last] = await this.list({ ...query, from: new Date(0), to: query.at }, -1, 1);
    return last ?? null;
  }

  private async list(
    query: { portfolioId: string; run: number; from: Date; to: Date; grains?: readonly EquitySnapshotGrain[] },
    direction: 1 | -1,
    limit: number,
  ): Promise<EquitySnapshot[]> {
    return storeCall(async () => {
      const stored = await this.model
        .find({
          _id: snapshotKeys(query.portfolioId, query.run, query.from, query.to),
          ...(query.grains === undefined ? {} : { grain: { $in: [...query.grains] } }),
        })
        .sort({ _id: direction })
        .limit(limit)
        .batchSize(limit)
        .lean<StoredEquitySnapshot[]>();
      return stored.map(toSnapshot);
    });
  }
}
