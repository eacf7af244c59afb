import { prepareDatabases } from '@app/persistence';
import { mongo } from 'mongoose';
import type { MarketDocument, SmallMarketDocument } from './market-documents';

const FIVE_INDEXES: [mongo.IndexSpecification, mongo.CreateIndexesOptions][] = [
  [{ slug: 1 }, { unique: true }],
  [{ active: 1, volume_num: -1 }, {}],
  [{ end_date: 1 }, {}],
  [{ event_slug: 1 }, {}],
  [{ tag_slugs: 1 }, {}],
];

/** A server of MongoDB's protocol with the collections the benchmark works on, in databases of its own. */
export class BenchServer {
  private constructor(
    private readonly client: mongo.MongoClient,
    private readonly prefix: string,
  ) {}

  static async prepare(uri: string, prefix: string): Promise<BenchServer> {
    const client = await mongo.MongoClient.connect(uri);
    const server = new BenchServer(client, prefix);
    try {
      await server.#dropDatabases();
      await prepareDatabases({ db: (name) => client.db(`${prefix}${name}`) }, new Date());
      for (const [key, options] of FIVE_INDEXES) await server.five.createIndex(key, options);
      return server;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** The product's own collection under its own indexes. */
  get markets(): mongo.Collection<MarketDocument> {
    return this.client.db(`${this.prefix}markets_db`).collection<MarketDocument>('markets');
  }

  /** Markets of 2 KB under five indexes. */
  get five(): mongo.Collection<SmallMarketDocument> {
    return this.client.db(`${this.prefix}five`).collection<SmallMarketDocument>('markets');
  }

  /** Without an index but that on `_id`. */
  get plain(): mongo.Collection<SmallMarketDocument> {
    return this.client.db(`${this.prefix}five`).collection<SmallMarketDocument>('plain');
  }

  get ledger(): mongo.Collection {
    return this.client.db(`${this.prefix}ledger`).collection('entries');
  }

  async ping(): Promise<void> {
    await this.client.db('admin').command({ ping: 1 });
  }

  async upsertSmall(documents: readonly SmallMarketDocument[]): Promise<void> {
    await this.five.bulkWrite(
      documents.map((document) => ({
        replaceOne: { filter: { slug: document.slug }, replacement: document, upsert: true },
      })),
      { ordered: false },
    );
  }

  /** By `_id`, as the product stores markets. */
  async upsertById(documents: readonly MarketDocument[]): Promise<void> {
    await this.markets.bulkWrite(
      documents.map((document) => ({
        replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
      })),
      { ordered: false },
    );
  }

  /** An increment and an entry in a collection of another database, together or not at all. */
  async transfer(slug: string): Promise<void> {
    await this.client.withSession((session) =>
      session.withTransaction(async () => {
        await this.five.updateOne({ slug }, { $inc: { counter: 1n } }, { session });
        await this.ledger.insertOne({ slug, amount: 1n }, { session });
      }),
    );
  }

  /** The counts behind /markets/stats, asked as the product asks them. */
  async countByState(): Promise<void> {
    await Promise.all([
      this.markets.countDocuments({ closed: false, active: true }),
      this.markets.countDocuments({ closed: false, active: false }),
      this.markets.countDocuments({ closed: true, active: { $in: [false, true] } }),
    ]);
  }

  async #dropDatabases(): Promise<void> {
    const { databases } = await this.client.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(this.prefix)) await this.client.db(name).dropDatabase();
  }

  async close(options: { dropping: boolean }): Promise<void> {
    if (options.dropping) await this.#dropDatabases();
    await this.client.close();
  }
}
