import { databaseConnection, openConnection, type PersistenceOptions, TradingRepository } from '@app/persistence';
import { auditPortfolios } from '@app/trading';
import type { Operation } from './operations';

/** What is stored, read past the server while it runs. */
export class StoredTrading {
  private constructor(private readonly trading: TradingRepository) {}

  /** Reads from a server, for as long as `look` takes. */
  static async read<Value>(
    server: PersistenceOptions,
    look: (stored: StoredTrading) => Promise<Value>,
  ): Promise<Value> {
    const root = await openConnection(server);
    try {
      const trading = databaseConnection(root, 'trading_db', server.databasePrefix);
      return await look(new StoredTrading(new TradingRepository(trading)));
    } finally {
      await root.close();
    }
  }

  /**
   * Holds what portfolios have been through against what was answered: every request that was done must be there, and be there once.
   * @param done by key
   * @returns what is otherwise, as sentences
   */
  async findRepeated(portfolioIds: readonly string[], done: ReadonlyMap<string, Operation>): Promise<string[]> {
    const problems: string[] = [];
    for (const portfolioId of portfolioIds) {
      const asked = { orders: new Set<string>(), split: 0, merge: 0, reset: 0 };
      for (const [key, operation] of done) {
        if (operation.portfolioId !== portfolioId) continue;
        if (operation.resource === 'orders') asked.orders.add(key);
        else asked[operation.resource] += 1;
      }
      const orders = await this.countOrders(portfolioId);
      for (const [key, count] of orders) {
        if (count > 1) problems.push(`portfolio ${portfolioId} has ${count} orders of the request ${key}`);
      }
      for (const key of asked.orders) {
        if (!orders.has(key)) problems.push(`portfolio ${portfolioId} has no order of the request ${key}`);
      }
      const happened = await this.countMovements(portfolioId);
      for (const kind of ['split', 'merge', 'reset'] as const) {
        if (happened[kind] === asked[kind]) continue;
        problems.push(`portfolio ${portfolioId} had ${happened[kind]} times ${kind}, and ${asked[kind]} were answered`);
      }
    }
    return problems;
  }

  /** Counts the fills of orders that rested. */
  async countRestingFills(portfolioIds: readonly string[]): Promise<number> {
    let fills = 0;
    for (const portfolioId of portfolioIds) {
      for (let run = await this.runOf(portfolioId); run > 0; run -= 1) {
        for await (const { liquidity } of this.trading.streamTrades({ portfolioId, run })) {
          if (liquidity === 'maker') fills += 1;
        }
      }
    }
    return fills;
  }

  /** Audits everything. @returns what is wrong, as sentences */
  async audit(): Promise<string[]> {
    const problems: string[] = [];
    await auditPortfolios(this.trading, ({ portfolioId, findings }) => {
      for (const finding of findings) problems.push(`portfolio ${portfolioId}: ${finding}`);
    });
    return problems;
  }

  /** How many orders note each request's key. */
  private async countOrders(portfolioId: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for await (const { notes } of this.trading.streamOrders(portfolioId)) {
      if (notes !== null) counts.set(notes, (counts.get(notes) ?? 0) + 1);
    }
    return counts;
  }

  private async countMovements(portfolioId: string): Promise<Record<'split' | 'merge' | 'reset', number>> {
    const counts = { split: 0, merge: 0, reset: (await this.runOf(portfolioId)) - 1 };
    for await (const { kind } of this.trading.streamLedger(portfolioId)) {
      if (kind === 'split' || kind === 'merge') counts[kind] += 1;
    }
    return counts;
  }

  private async runOf(portfolioId: string): Promise<number> {
    const portfolio = await this.trading.findPortfolio(portfolioId, null);
    if (portfolio === null) throw new Error(`there is no portfolio ${portfolioId}`);
    return portfolio.run;
  }
}
