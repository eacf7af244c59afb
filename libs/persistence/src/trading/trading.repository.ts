import type {
  AccountState,
  EquitySnapshot,
  LedgerEntry,
  MicroPrice,
  MicroShares,
  Order,
  OrderStatus,
  Portfolio,
  Position,
  PositionStatus,
  Trade,
} from '@app/domain';
import { Connection, Model, mongo } from 'mongoose';
import { storeCall } from '../store-call';
import { StoreTransactions, within } from '../store-transaction';
import {
  consumptionKey,
  type PortfolioConsumption,
  StoredConsumedLiquidity,
  toConsumption,
} from './consumed-liquidity.record';
import { BatchWriter, insertions } from './batch-writer';
import { keysUnder } from './composite-key';
import { EQUITY_SNAPSHOTS, toStoredSnapshot } from './equity-snapshot.record';
import { idempotencyKey, type IdempotencyRecord, StoredIdempotency, toIdempotency } from './idempotency.record';
import { LEDGER, ledgerKey, StoredLedgerEntry, toLedgerEntry, toStoredLedgerEntry } from './ledger-entry.record';
import { StoredOrder, toOrder } from './order.record';
import { PORTFOLIO_OWNER_VERSION } from './portfolio-owner.record';
import { PORTFOLIOS, StoredPortfolio, toPortfolio, toStoredPortfolio } from './portfolio.record';
import { positionKeys, StoredPosition, toPosition } from './position.record';
import { StoredTrade, toTrade } from './trade.record';
import { keyBatch, sendWrites, TradingModels, tradingModels, type TradingWrites } from './trading-writes';

/** What a new portfolio begins with. */
export interface NewPortfolioWrites {
  portfolio: Portfolio;
  ledger: readonly LedgerEntry[];
  equity?: readonly EquitySnapshot[];
  idempotency?: IdempotencyRecord;
  /** Most portfolios its owner may have, archived ones not counted; null for any number. */
  atMost: number | null;
}

/** One page, from 1. */
interface Page {
  page: number;
  pageSize: number;
}

/** Which orders to list. */
export interface OrderFilter extends Page {
  portfolioId: string;
  run: number;
  status?: OrderStatus;
  /** Slug. */
  marketId?: string;
}

/** Which trades, by when they filled; both ends included. */
export interface TradeFilter {
  portfolioId: string;
  run: number;
  from?: Date;
  to?: Date;
}

/** A market somebody has something in. */
export interface ConditionInUse {
  conditionId: string;
  /** Slug. */
  marketId: string;
  /** Open positions in it, or working orders. */
  count: number;
}

/** Shares held, or held until they were settled. */
export interface Holding {
  portfolioId: string;
  run: number;
  tokenId: string;
  status: PositionStatus;
  settledVersion: number | null;
}

/** How far a resting order has come in its queue. */
export interface QueueNote {
  orderId: string;
  /** As the order is stored. */
  filledQuantity: MicroShares;
  queueAhead: MicroShares;
  queueAheadAtEntry: MicroShares;
  arrivalMidpoint: MicroPrice | null;
}

const BATCH = 1_000;

/**
 * Portfolios with everything that is theirs. Every change goes through {@link commit}, conditional on the portfolio's version. So whoever reads a
 * portfolio first, and what is its own after it, decides on one state or is told by the commit that it was not one. Places in queues, by which nothing
 * of a portfolio is decided, are noted without it.
 */
export class TradingRepository {
  private readonly models: TradingModels;
  private readonly transactions: StoreTransactions;
  private readonly writer: BatchWriter;

  constructor(connection: Connection) {
    this.models = tradingModels(connection);
    this.transactions = new StoreTransactions(connection);
    this.writer = new BatchWriter(connection);
  }

  /**
   * Writes a decision, all of it or nothing.
   * @throws PortfolioConflict when the portfolio is not as it was read
   * @throws DuplicateClientOrderId, IdempotencyKeyTaken
   * @throws Error when the version after is not one higher, or an order to change is not there
   */
  async commit(writes: TradingWrites): Promise<void> {
    const { before, after } = writes;
    if (after.id !== before.id || after.version !== before.version + 1) {
      throw new Error(
        `version ${after.version} of portfolio ${after.id} does not follow ${before.version} of ${before.id}`,
      );
    }
    await this.transactions.run((transaction) => sendWrites(this.writer, writes, transaction));
  }

  /**
   * Stores a new portfolio, unless its owner has as many as allowed, however many are made at once.
   * @returns whether it was stored
   * @throws IdempotencyKeyTaken
   */
  async create(writes: NewPortfolioWrites): Promise<boolean> {
    const { portfolio, atMost } = writes;
    return this.transactions
      .run(async (transaction) => {
        // The key first: a repeated request is to learn that it was one, not that there are enough portfolios.
        if (writes.idempotency !== undefined) await this.writer.write([keyBatch(writes.idempotency)], transaction);
        if (atMost !== null) {
          await this.models.owners.collection.updateOne(
            { _id: portfolio.userId } as object,
            {
              $inc: { revision: 1 },
              $set: { updated_at: portfolio.createdAt },
              $setOnInsert: { created_at: portfolio.createdAt, schema_version: PORTFOLIO_OWNER_VERSION },
            },
            { upsert: true, ...within(transaction) },
          );
          const owned = await this.models.portfolios.countDocuments(visibleOf(portfolio.userId), within(transaction));
          if (owned >= atMost) throw new TooManyPortfolios();
        }
        const opening = [
          insertions(PORTFOLIOS.name, [toStoredPortfolio(portfolio)]),
          insertions(LEDGER.name, writes.ledger.map(toStoredLedgerEntry)),
          insertions(EQUITY_SNAPSHOTS.name, (writes.equity ?? []).map(toStoredSnapshot)),
        ];
        await this.writer.write(opening, transaction);
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof TooManyPortfolios) return false;
        throw error;
      });
  }

  /** @param userId null for anybody's. An archived portfolio is found too. */
  async findPortfolio(portfolioId: string, userId: string | null): Promise<Portfolio | null> {
    return storeCall(async () => {
      const stored = await this.models.portfolios
        .findOne(userId === null ? { _id: portfolioId } : { _id: portfolioId, user_id: userId })
        .lean<StoredPortfolio>();
      return stored && toPortfolio(stored);
    });
  }

  /**
   * Returns a portfolio with its positions; what else is read for a decision is read after it.
   * @param userId null for anybody's
   */
  async loadAccount(portfolioId: string, userId: string | null): Promise<AccountState | null> {
    const portfolio = await this.findPortfolio(portfolioId, userId);
    if (portfolio === null) return null;
    const positions = await this.listPositions({ portfolioId, run: portfolio.run });
    return { portfolio, positions: new Map(positions.map((position) => [position.tokenId, position])) };
  }

  /** Returns a user's portfolios, oldest first. */
  async listPortfolios(userId: string, options: { includeArchived?: boolean } = {}): Promise<Portfolio[]> {
    return storeCall(async () => {
      const stored = await this.models.portfolios
        .find(options.includeArchived === true ? { user_id: userId } : visibleOf(userId))
        .sort({ created_at: 1, _id: 1 })
        .lean<StoredPortfolio[]>();
      return stored.map(toPortfolio);
    });
  }

  /** Returns everybody's portfolios in the order of their ids, from the first one after `after`. */
  async listAllPortfolios(query: { after?: string; includeArchived: boolean; limit: number }): Promise<Portfolio[]> {
    return storeCall(async () => {
      const stored = await this.models.portfolios
        .find({
          ...(query.after === undefined ? {} : { _id: { $gt: query.after } }),
          ...(query.includeArchived ? {} : { archived_at: null }),
        })
        .sort({ _id: 1 })
        .limit(query.limit)
        .lean<StoredPortfolio[]>();
      return stored.map(toPortfolio);
    });
  }

  async findOrder(portfolioId: string, orderId: string): Promise<Order | null> {
    return storeCall(async () => {
      const stored = await this.models.orders.findOne({ _id: orderId, portfolio_id: portfolioId }).lean<StoredOrder>();
      return stored && toOrder(stored);
    });
  }

  /** Returns those of some orders that there are, oldest first. */
  async findOrders(orderIds: readonly string[]): Promise<Order[]> {
    return orderIds.length === 0 ? [] : this.orders({ _id: { $in: [...orderIds] } }, { _id: 1 });
  }

  async findOrderByClientId(portfolioId: string, clientOrderId: string): Promise<Order | null> {
    return storeCall(async () => {
      const stored = await this.models.orders
        .findOne({ portfolio_id: portfolioId, client_order_id: clientOrderId })
        .lean<StoredOrder>();
      return stored && toOrder(stored);
    });
  }

  /** Returns one page of a run's orders, newest first, and how many there are. */
  async listOrders(filter: OrderFilter): Promise<{ orders: Order[]; total: number }> {
    const query = {
      portfolio_id: filter.portfolioId,
      run: filter.run,
      ...(filter.status === undefined ? {} : { status: filter.status }),
      ...(filter.marketId === undefined ? {} : { market_id: filter.marketId }),
    };
    return storeCall(async () => {
      const [stored, total] = await Promise.all([
        this.models.orders
          .find(query)
          .sort({ _id: -1 })
          .skip((filter.page - 1) * filter.pageSize)
          .limit(filter.pageSize)
          .lean<StoredOrder[]>(),
        this.models.orders.countDocuments(query),
      ]);
      return { orders: stored.map(toOrder), total };
    });
  }

  /** Returns the working orders of a portfolio, of a market or of both, oldest first. */
  async listWorkingOrders(
    filter: { portfolioId: string; conditionId?: string } | { conditionId: string },
  ): Promise<Order[]> {
    return this.orders(
      {
        working: true,
        ...('portfolioId' in filter ? { portfolio_id: filter.portfolioId } : {}),
        ...(filter.conditionId === undefined ? {} : { condition_id: filter.conditionId }),
      },
      { _id: 1 },
    );
  }

  /** Returns orders on their way that should have met the book by then, the longest due first. */
  async listDueOrders(by: Date, limit: number): Promise<Order[]> {
    return this.orders({ due_at: { $lte: by } }, { due_at: 1, _id: 1 }, limit);
  }

  /** Returns working gtd orders that end by then, the first to end first. */
  async listExpiring(by: Date, limit: number): Promise<Order[]> {
    return this.orders({ ends_at: { $lte: by } }, { ends_at: 1, _id: 1 }, limit);
  }

  /** Returns one page of a run's trades, newest first, and how many there are. */
  async listTrades(filter: TradeFilter & Page): Promise<{ trades: Trade[]; total: number }> {
    const query = toTradeQuery(filter);
    return storeCall(async () => {
      const [stored, total] = await Promise.all([
        this.models.trades
          .find(query)
          .sort({ traded_at: -1, _id: -1 })
          .skip((filter.page - 1) * filter.pageSize)
          .limit(filter.pageSize)
          .lean<StoredTrade[]>(),
        this.models.trades.countDocuments(query),
      ]);
      return { trades: stored.map(toTrade), total };
    });
  }

  /** Returns a run's trades one after the other, oldest first. */
  streamTrades(filter: TradeFilter): AsyncIterable<Trade> {
    return this.stream(this.models.trades, toTradeQuery(filter), { traded_at: 1, _id: 1 }, toTrade);
  }

  /** Returns the trades of an order, oldest first. */
  async tradesOfOrder(orderId: string): Promise<Trade[]> {
    return (await this.tradesOfOrders([orderId])).get(orderId) ?? [];
  }

  /** Returns the trades of orders, oldest first, by order; orders without one are not there. */
  async tradesOfOrders(orderIds: readonly string[]): Promise<Map<string, Trade[]>> {
    if (orderIds.length === 0) return new Map();
    return storeCall(async () => {
      const stored = await this.models.trades
        .find({ order_id: { $in: [...orderIds] } })
        .sort({ order_id: 1, _id: 1 })
        .batchSize(BATCH)
        .lean<StoredTrade[]>();
      const byOrder = new Map<string, Trade[]>();
      for (const trade of stored.map(toTrade)) {
        const trades = byOrder.get(trade.orderId);
        if (trades === undefined) byOrder.set(trade.orderId, [trade]);
        else trades.push(trade);
      }
      return byOrder;
    });
  }

  /** Returns the positions of a portfolio, or of one run of it. */
  async listPositions(query: {
    portfolioId: string;
    run?: number;
    status?: readonly PositionStatus[];
  }): Promise<Position[]> {
    return storeCall(async () => {
      const stored = await this.models.positions
        .find({
          _id: positionKeys(query.portfolioId, query.run),
          ...(query.status === undefined ? {} : { status: { $in: [...query.status] } }),
        })
        .sort({ _id: 1 })
        .batchSize(BATCH)
        .lean<StoredPosition[]>();
      return stored.map(toPosition);
    });
  }

  /** Returns the markets in which shares are held, in the order of their condition ids, from the first one after `after`. */
  async openPositionsByCondition(limit: number, after?: string): Promise<ConditionInUse[]> {
    return this.conditionsInUse(this.models.positions, { status: 'open' }, limit, after);
  }

  /** Returns the markets in which orders work, in the order of their condition ids, from the first one after `after`. */
  async workingOrdersByCondition(limit: number, after?: string): Promise<ConditionInUse[]> {
    return this.conditionsInUse(this.models.orders, { working: true }, limit, after);
  }

  /** Returns who holds shares of a market, or held them until they were settled; of all runs. */
  async portfoliosHolding(conditionId: string): Promise<Holding[]> {
    return storeCall(async () => {
      const stored = await this.models.positions
        .find(
          { status: { $in: ['open', 'settled'] }, condition_id: conditionId },
          { portfolio_id: 1, run: 1, token_id: 1, status: 1, settled_version: 1 },
        )
        .batchSize(BATCH)
        .lean<StoredPosition[]>();
      return stored.map((position) => ({
        portfolioId: position.portfolio_id,
        run: position.run,
        tokenId: position.token_id,
        status: position.status,
        settledVersion: position.settled_version,
      }));
    });
  }

  /** Returns one page of the ledger over all runs, oldest first. How many entries there are is the portfolio's `ledgerSeq`. */
  async listLedger({ portfolioId, page, pageSize }: { portfolioId: string } & Page): Promise<LedgerEntry[]> {
    const first = (page - 1) * pageSize + 1;
    return storeCall(async () => {
      const stored = await this.models.ledger
        .find({ _id: { $gte: ledgerKey(portfolioId, first), $lt: ledgerKey(portfolioId, first + pageSize) } })
        .sort({ _id: 1 })
        .lean<StoredLedgerEntry[]>();
      return stored.map(toLedgerEntry);
    });
  }

  /** Returns a portfolio's ledger over all runs, entry by entry. @param upTo number of the last entry wanted */
  streamLedger(portfolioId: string, upTo?: number): AsyncIterable<LedgerEntry> {
    const range = keysUnder(portfolioId);
    const keys = upTo === undefined ? range : { $gte: range.$gte, $lt: ledgerKey(portfolioId, upTo + 1) };
    return this.stream(this.models.ledger, { _id: keys }, { _id: 1 }, toLedgerEntry);
  }

  /** Returns what a portfolio was paid under a settlement key, and what of it was taken back, oldest first. */
  async listSettlements(portfolioId: string, settlementKey: string): Promise<LedgerEntry[]> {
    return storeCall(async () => {
      const stored = await this.models.ledger
        .find({ settlement_key: settlementKey, portfolio_id: portfolioId })
        .sort({ seq: 1 })
        .lean<StoredLedgerEntry[]>();
      return stored.map(toLedgerEntry);
    });
  }

  /** Returns what a key was used for; null when it was not, or its time has run out. */
  async findIdempotency(userId: string, key: string, now: Date): Promise<IdempotencyRecord | null> {
    return storeCall(async () => {
      const stored = await this.models.idempotency
        .findOne({ _id: idempotencyKey({ userId, key }), expires_at: { $gt: now } })
        .lean<StoredIdempotency>();
      return stored && toIdempotency(stored);
    });
  }

  /**
   * Keeps an answer of a request that has none yet.
   * @returns the answer kept: this one, or that of whoever was first; null when the key has run out
   */
  async keepAnswer(
    { userId, key, orderId }: Pick<IdempotencyRecord, 'userId' | 'key' | 'orderId'>,
    result: string,
    now: Date,
  ): Promise<string | null> {
    await storeCall(() =>
      this.models.idempotency.collection.updateOne(
        { _id: idempotencyKey({ userId, key }), order_id: orderId, result: null } as object,
        { $set: { result, updated_at: now } },
      ),
    );
    return (await this.findIdempotency(userId, key, now))?.result ?? null;
  }

  /** Returns what a run of a portfolio has taken of a market's book; null when it has taken nothing. */
  async findConsumed(portfolioId: string, run: number, conditionId: string): Promise<PortfolioConsumption | null> {
    return storeCall(async () => {
      const stored = await this.models.consumed
        .findOne({ _id: consumptionKey(portfolioId, run, conditionId) })
        .lean<StoredConsumedLiquidity>();
      return stored && toConsumption(stored);
    });
  }

  /** Returns what runs of portfolios have taken of a market's book; those that have taken nothing are not there. */
  async listConsumed(
    runs: readonly { portfolioId: string; run: number }[],
    conditionId: string,
  ): Promise<PortfolioConsumption[]> {
    if (runs.length === 0) return [];
    const keys = new Set(runs.map(({ portfolioId, run }) => consumptionKey(portfolioId, run, conditionId)));
    return storeCall(async () => {
      const stored = await this.models.consumed
        .find({ _id: { $in: [...keys] } })
        .batchSize(BATCH)
        .lean<StoredConsumedLiquidity[]>();
      return stored.map(toConsumption);
    });
  }

  /** Notes where resting orders are in their queues. One that filled or ended meanwhile is left as it is. */
  async noteQueues(notes: readonly QueueNote[], now: Date): Promise<void> {
    if (notes.length === 0) return;
    const writes = notes.map((note) => ({
      updateOne: {
        filter: { _id: note.orderId, phase: 'resting', filled_quantity: note.filledQuantity },
        update: {
          $set: {
            queue_ahead: note.queueAhead,
            queue_ahead_at_entry: note.queueAheadAtEntry,
            arrival_midpoint: note.arrivalMidpoint,
            updated_at: now,
          },
        },
      },
    }));
    await storeCall(() =>
      this.models.orders.collection.bulkWrite(writes as unknown as mongo.AnyBulkWriteOperation[], { ordered: false }),
    );
  }

  /** Returns every order of a portfolio, one after the other, run by run. */
  streamOrders(portfolioId: string): AsyncIterable<Order> {
    return this.stream(this.models.orders, { portfolio_id: portfolioId }, { run: 1, _id: -1 }, toOrder);
  }

  /** Returns the ids of all portfolios that orders, trades, positions or ledger entries say they belong to. */
  async listNamedPortfolios(): Promise<Set<string>> {
    const { orders, trades, positions, ledger } = this.models;
    const named = new Set<string>();
    for (const { collection } of [orders, trades, positions, ledger]) {
      const rows = await storeCall(() =>
        collection.aggregate<{ _id: string }>([{ $group: { _id: '$portfolio_id' } }]).toArray(),
      );
      for (const { _id } of rows) named.add(_id);
    }
    return named;
  }

  private async orders(filter: object, sort: Record<string, 1 | -1>, limit = 0): Promise<Order[]> {
    return storeCall(async () => {
      const stored = await this.models.orders
        .find(filter)
        .sort(sort)
        .limit(limit)
        .batchSize(BATCH)
        .lean<StoredOrder[]>();
      return stored.map(toOrder);
    });
  }

  private async conditionsInUse(
    model: Model<StoredPosition> | Model<StoredOrder>,
    filter: { status: PositionStatus } | { working: true },
    limit: number,
    after: string | undefined,
  ): Promise<ConditionInUse[]> {
    const match = { ...filter, ...(after === undefined ? {} : { condition_id: { $gt: after } }) };
    return storeCall(async () => {
      const rows = await model.collection
        .aggregate<{ _id: string; market_id: string; count: number }>([
          { $match: match },
          { $group: { _id: '$condition_id', market_id: { $min: '$market_id' }, count: { $sum: 1 } } },
          { $sort: { _id: 1 } },
          { $limit: limit },
        ])
        .toArray();
      return rows.map((row) => ({ conditionId: row._id, marketId: row.market_id, count: row.count }));
    });
  }

  private async *stream<Stored, Value>(
    model: Model<Stored>,
    filter: object,
    sort: Record<string, 1 | -1>,
    toValue: (stored: Stored) => Value,
  ): AsyncGenerator<Value> {
    const cursor = model.collection.find<mongo.WithId<mongo.Document>>(filter, { sort, batchSize: BATCH });
    try {
      for (;;) {
        const stored = await storeCall(() => cursor.next());
        if (stored === null) return;
        yield toValue(stored as unknown as Stored);
      }
    } finally {
      await cursor.close();
    }
  }
}

/** Ends the transaction that would have made one portfolio too many. */
class TooManyPortfolios extends Error {}

function visibleOf(userId: string): { user_id: string; archived_at: null } {
  return { user_id: userId, archived_at: null };
}

function toTradeQuery({ portfolioId, run, from, to }: TradeFilter): Record<string, unknown> {
  return {
    portfolio_id: portfolioId,
    run,
    ...(from === undefined && to === undefined
      ? {}
      : {
          traded_at: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) },
        }),
  };
}
