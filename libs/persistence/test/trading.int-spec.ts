import {
  type AccountState,
  changedPositions,
  type LedgerEntry,
  microPrice,
  microShares,
  microUsdc,
  type Order,
  type Portfolio,
  type Trade,
} from '@app/domain';
import {
  databaseConnection,
  DuplicateClientOrderId,
  IDEMPOTENCY_LIFETIME_MS,
  IdempotencyKeyTaken,
  openConnection,
  PortfolioConflict,
  type QueueNote,
  TradingRepository,
  type TradingWrites,
} from '@app/persistence';
import { type Connection, createConnection } from 'mongoose';
import { type OlderServer, startOlderServer } from './older-server';
import { openTestDatabases, TestDatabases } from './test-databases';
import { aKey, anAccount, anOrder, aRestingOrder, aSnapshot, at, aTrade, boughtBy } from './trading-records';

const COLLECTIONS = [
  'portfolios',
  'portfolio_owners',
  'orders',
  'trades',
  'positions',
  'ledger',
  'equity_snapshots',
  'idempotency',
  'consumed_liquidity',
];

let databases: TestDatabases;
let older: OlderServer;
let throughOlder: Connection;
let trading: TradingRepository;

beforeAll(async () => {
  databases = await openTestDatabases();
  older = await startOlderServer(databases.uri);
  throughOlder = await openConnection({ uri: older.uri });
  trading = new TradingRepository(databases.connection('trading_db'));
});

afterAll(async () => {
  await throughOlder.close();
  await older.close();
  await databases.close();
});

type Server = 'as it is' | 'without bulkWrite';

const tradingOf = (root: Connection): TradingRepository =>
  new TradingRepository(databaseConnection(root, 'trading_db', databases.databasePrefix));

/** Tests of writes, on the server as it is and on one that takes no writes over several collections in a command. */
function describeWrites(name: string, tests: (server: Server) => void): void {
  describe.each<Server>(['as it is', 'without bulkWrite'])(`${name}, with the server %s`, (server) => {
    beforeAll(() => {
      if (server === 'without bulkWrite') trading = tradingOf(throughOlder);
    });
    afterAll(() => {
      trading = new TradingRepository(databases.connection('trading_db'));
    });
    tests(server);
  });
}

const watch = (server: Server): Promise<Connection> =>
  createConnection(server === 'as it is' ? databases.uri : older.uri, { monitorCommands: true }).asPromise();

beforeEach(async () => {
  for (const collection of COLLECTIONS) await databases.empty('trading_db', collection);
});

const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
};

async function opened(id: string, overrides: Partial<Portfolio> = {}): Promise<AccountState> {
  const { state, entries } = anAccount(id, overrides);
  await trading.create({ portfolio: state.portfolio, ledger: entries, atMost: null });
  return state;
}

const next = (portfolio: Portfolio, changes: Partial<Portfolio> = {}): Portfolio => ({
  ...portfolio,
  ...changes,
  version: portfolio.version + 1,
});

/** Everything a taker's fill writes. */
function aFill(state: AccountState, order: Order, trade: Trade): TradingWrites & { ledger: LedgerEntry[] } {
  const change = boughtBy(state, order, trade);
  const { conditionId } = order;
  return {
    before: state.portfolio,
    after: next(change.state.portfolio),
    insertOrders: [order],
    trades: [trade],
    positions: changedPositions(change),
    ledger: change.entries,
    consumed: {
      portfolioId: state.portfolio.id,
      run: state.portfolio.run,
      conditionId,
      levels: [
        {
          side: 'ask',
          price: microPrice(500_000n),
          taken: microShares(10_000_000n),
          displayed: microShares(50_000_000n),
          at: at(1),
        },
      ],
    },
    insertIdempotency: aKey(`key of ${order.id}`, { portfolioId: state.portfolio.id, orderId: order.id }),
  };
}

const countAll = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of COLLECTIONS) {
    counts[name] = await databases.connection('trading_db').collection(name).countDocuments({});
  }
  return counts;
};

describeWrites('a commit', (server) => {
  it('writes a fill with all that is its own', async () => {
    const state = await opened('p1');
    const order = anOrder('p1', 'o1', { clientOrderId: 'mine' });
    const trade = aTrade(order, 't1');
    const writes = aFill(state, order, trade);
    await trading.commit(writes);

    const account = await trading.loadAccount('p1', 'user-1');
    expect(account?.portfolio).toEqual(writes.after);
    expect([...(account?.positions.values() ?? [])]).toEqual(writes.positions);
    expect(await trading.findOrder('p1', 'o1')).toEqual(order);
    expect(await trading.findOrderByClientId('p1', 'mine')).toEqual(order);
    expect(await trading.tradesOfOrder('o1')).toEqual([trade]);
    expect(await trading.listLedger({ portfolioId: 'p1', page: 1, pageSize: 10 })).toEqual([
      ...anAccount('p1').entries,
      ...writes.ledger,
    ]);
    expect(await trading.findConsumed('p1', 1, 'condition-1')).toEqual(writes.consumed);
    const runs = [1, 2, 1].map((run) => ({ portfolioId: 'p1', run }));
    expect(await trading.listConsumed(runs, 'condition-1')).toEqual([writes.consumed]);
    expect(await trading.listConsumed(runs, 'condition-2')).toEqual([]);
    expect(await trading.listConsumed([], 'condition-1')).toEqual([]);
    expect(await trading.findIdempotency('user-1', 'key of o1', at(2))).toEqual(writes.insertIdempotency);
  });

  it('sends one command, or one for each collection, and one to commit', async () => {
    const state = await opened('p1');
    const order = anOrder('p1', 'o1');
    const watched = await watch(server);
    const commands: string[] = [];
    watched.getClient().on('commandStarted', ({ commandName, command }) => {
      if ('txnNumber' in command) commands.push(`${commandName} ${String(command[commandName])}`);
    });
    await tradingOf(watched).commit(aFill(state, order, aTrade(order, 't1')));
    const { maxWireVersion } = await watched.getClient().db('admin').command({ hello: 1 });
    await watched.close();
    const writes =
      Number(maxWireVersion) >= 25
        ? ['bulkWrite 1']
        : [
            'update portfolios',
            'update idempotency',
            'insert orders',
            'insert trades',
            'update positions',
            'insert ledger',
            'update consumed_liquidity',
          ];
    expect(commands).toEqual([...writes, 'commitTransaction 1']);
  });

  it('of a portfolio that has changed writes nothing', async () => {
    const state = await opened('p1');
    await trading.commit({ before: state.portfolio, after: next(state.portfolio, { name: 'First' }) });
    const before = await countAll();
    const order = anOrder('p1', 'o1');
    await expect(trading.commit(aFill(state, order, aTrade(order, 't1')))).rejects.toThrow(PortfolioConflict);
    expect(await countAll()).toEqual(before);
    expect(await trading.findPortfolio('p1', null)).toMatchObject({ name: 'First', version: 2 });
  });

  it('of a portfolio that has changed is a conflict, though its key is taken too', async () => {
    const { portfolio } = await opened('p1');
    const insertIdempotency = aKey('k1');
    await trading.commit({ before: portfolio, after: next(portfolio, { name: 'First' }), insertIdempotency });
    const again = { before: portfolio, after: next(portfolio, { name: 'Second' }), insertIdempotency };
    await expect(trading.commit(again)).rejects.toThrow(PortfolioConflict);
    expect(await trading.findPortfolio('p1', null)).toMatchObject({ name: 'First', version: 2 });
  });

  it('that others race is done by exactly one', async () => {
    const state = await opened('p1');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => {
        const order = anOrder('p1', `o${index}`);
        return trading.commit(aFill(state, order, aTrade(order, `t${index}`)));
      }),
    );
    const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(lost).toHaveLength(9);
    for (const reason of lost) expect(reason).toBeInstanceOf(PortfolioConflict);
    expect(await countAll()).toMatchObject({ orders: 1, trades: 1, positions: 1, ledger: 2, idempotency: 1 });
  });

  it.each<[string, (writes: TradingWrites, order: Order) => TradingWrites]>([
    ['a trade that is there already', (writes, order) => ({ ...writes, trades: [aTrade(order, 'taken')] })],
    ['an entry that is there already', (writes) => ({ ...writes, ledger: anAccount('p1').entries })],
    ['an order to change that is not there', (writes) => ({ ...writes, updateOrders: [anOrder('p1', 'nobody')] })],
    ['a snapshot that is there already', (writes) => ({ ...writes, equity: [aSnapshot('p1'), aSnapshot('p1')] })],
  ])('that fails at %s leaves nothing', async (_, spoil) => {
    const first = await opened('p1');
    const taken = anOrder('p1', 'o0');
    await trading.commit(aFill(first, taken, aTrade(taken, 'taken')));
    const state = await trading.loadAccount('p1', null);
    if (state === null) throw new Error('the portfolio is not there');
    const before = await countAll();
    const order = anOrder('p1', 'o1');
    await expect(trading.commit(spoil(aFill(state, order, aTrade(order, 't1')), order))).rejects.toThrow();
    expect(await countAll()).toEqual(before);
    expect(await trading.loadAccount('p1', null)).toEqual(state);
    expect(await trading.findOrder('p1', 'o1')).toBeNull();
  });

  it('whose versions do not follow each other is an error', async () => {
    const { portfolio } = await opened('p1');
    await expect(trading.commit({ before: portfolio, after: portfolio })).rejects.toThrow(/does not follow/);
  });

  it('refuses a client order id a second time in the portfolio, and takes it in another', async () => {
    const state = await opened('p1');
    const order = anOrder('p1', 'o1', { clientOrderId: 'mine' });
    await trading.commit({ before: state.portfolio, after: next(state.portfolio), insertOrders: [order] });
    const portfolio = next(state.portfolio);
    const again = anOrder('p1', 'o2', { clientOrderId: 'mine' });
    await expect(trading.commit({ before: portfolio, after: next(portfolio), insertOrders: [again] })).rejects.toThrow(
      DuplicateClientOrderId,
    );
    expect(await trading.findPortfolio('p1', null)).toEqual(portfolio);

    const other = await opened('p2');
    const elsewhere = anOrder('p2', 'o3', { clientOrderId: 'mine' });
    await trading.commit({ before: other.portfolio, after: next(other.portfolio), insertOrders: [elsewhere] });
    expect(await trading.findOrderByClientId('p2', 'mine')).toEqual(elsewhere);
  });

  it('keeps every bit of an int64', async () => {
    const huge = 2n ** 63n - 1n;
    const state = await opened('p1', { initialBalance: microUsdc(huge) });
    const order = anOrder('p1', 'o1', { quantity: microShares(2n ** 53n + 1n), reservedCash: microUsdc(-huge) });
    const trade = aTrade(order, 't1', { realised: microUsdc(-(2n ** 60n) - 1n), slippageBps: -(2n ** 54n) - 1n });
    await trading.commit({
      before: state.portfolio,
      after: next(state.portfolio),
      insertOrders: [order],
      trades: [trade],
    });
    expect(await trading.findPortfolio('p1', null)).toMatchObject({ cash: huge, initialBalance: huge });
    expect(await trading.findOrder('p1', 'o1')).toEqual(order);
    expect(await trading.tradesOfOrder('o1')).toEqual([trade]);
  });
});

describeWrites('a client that is cut off', (server) => {
  const commands = server === 'as it is' ? [1, 2] : [1, 2, 3, 4, 5, 6, 7, 8];

  /** Commits until the key says that it was done, as a client does that repeats its request. */
  async function repeat(key: string, orderId: string): Promise<void> {
    for (;;) {
      if ((await trading.findIdempotency('user-1', key, at(2))) !== null) return;
      const state = await trading.loadAccount('p1', null);
      if (state === null) throw new Error('the portfolio is not there');
      const order = anOrder('p1', orderId);
      const writes = { ...aFill(state, order, aTrade(order, `trade of ${orderId}`)), insertIdempotency: aKey(key) };
      try {
        await trading.commit(writes);
      } catch (error) {
        if (!(error instanceof PortfolioConflict || error instanceof IdempotencyKeyTaken)) throw error;
      }
    }
  }

  it.each(commands)('at command %i of a commit and repeats it has done it once', async (command) => {
    const state = await opened('p1');
    const watched = await watch(server);
    let sent = 0;
    let closed: Promise<void> | undefined;
    watched.getClient().on('commandStarted', (event) => {
      sent += 'txnNumber' in event.command ? 1 : 0;
      if (sent === command) closed ??= watched.close(true);
    });
    const order = anOrder('p1', 'first try');
    await tradingOf(watched)
      .commit({ ...aFill(state, order, aTrade(order, 'trade of first try')), insertIdempotency: aKey('k1') })
      .catch(() => undefined);
    await closed;

    await repeat('k1', 'second try');
    expect(await countAll()).toMatchObject({ orders: 1, trades: 1, positions: 1, ledger: 2, idempotency: 1 });
    expect(await trading.findPortfolio('p1', null)).toMatchObject({ version: 2, ledgerSeq: 2 });
  });
});

describeWrites('idempotency keys', () => {
  const rename = async (key: string, portfolio: Portfolio, name: string): Promise<Portfolio> => {
    const after = next(portfolio, { name });
    await trading.commit({ before: portfolio, after, insertIdempotency: aKey(key) });
    return after;
  };

  it('are taken once, and nothing is written the second time', async () => {
    const { portfolio } = await opened('p1');
    const renamed = await rename('k1', portfolio, 'First');
    await expect(rename('k1', renamed, 'Second')).rejects.toThrow(IdempotencyKeyTaken);
    expect(await trading.findPortfolio('p1', null)).toEqual(renamed);
  });

  it('of one user do not stand in the way of another', async () => {
    const { portfolio } = await opened('p1');
    const renamed = await rename('k1', portfolio, 'First');
    await trading.commit({
      before: renamed,
      after: next(renamed),
      insertIdempotency: aKey('k1', { userId: 'user-2', bodyHash: 'hash-2' }),
    });
    expect(await trading.findIdempotency('user-2', 'k1', at(2))).toMatchObject({ bodyHash: 'hash-2' });
    expect(await trading.findIdempotency('user-1', 'k1', at(2))).toMatchObject({ bodyHash: 'hash-1' });
  });

  it('are free again after a day, removed or not', async () => {
    const { portfolio } = await opened('p1');
    const renamed = await rename('k1', portfolio, 'First');
    const later = new Date(at(1).getTime() + IDEMPOTENCY_LIFETIME_MS);
    expect(await trading.findIdempotency('user-1', 'k1', new Date(later.getTime() - 1))).not.toBeNull();
    expect(await trading.findIdempotency('user-1', 'k1', later)).toBeNull();
    const anew = aKey('k1', { bodyHash: 'hash-2', createdAt: later });
    await trading.commit({ before: renamed, after: next(renamed), insertIdempotency: anew });
    expect(await trading.findIdempotency('user-1', 'k1', later)).toEqual(anew);
  });

  it('get their first answer with the deciding commit', async () => {
    const { portfolio } = await opened('p1');
    const undecided = aKey('k1', { result: null, orderId: 'o1' });
    const accepted = next(portfolio);
    await trading.commit({ before: portfolio, after: accepted, insertIdempotency: undecided });
    expect(await trading.findIdempotency('user-1', 'k1', at(2))).toEqual(undecided);
    await trading.commit({
      before: accepted,
      after: next(accepted),
      decideIdempotency: { userId: 'user-1', key: 'k1', result: '"done"' },
    });
    expect(await trading.findIdempotency('user-1', 'k1', at(2))).toEqual({ ...undecided, result: '"done"' });
  });

  it('keep the first of several answers given at once, and tell it to everybody', async () => {
    const { portfolio } = await opened('p1');
    const undecided = aKey('k1', { result: null, orderId: 'o1' });
    await trading.commit({ before: portfolio, after: next(portfolio), insertIdempotency: undecided });
    const given = ['one', 'two', 'three', 'four'];
    const kept = await Promise.all(given.map((answer) => trading.keepAnswer(undecided, answer, at(2))));
    expect(given).toContain(kept[0]);
    expect(new Set(kept).size).toBe(1);
    expect(await trading.findIdempotency('user-1', 'k1', at(2))).toEqual({ ...undecided, result: kept[0] });
    expect(await trading.keepAnswer({ ...undecided, orderId: 'o2' }, 'five', at(3))).toBe(kept[0]);
    const later = new Date(at(1).getTime() + IDEMPOTENCY_LIFETIME_MS);
    expect(await trading.keepAnswer(undecided, 'six', later)).toBeNull();
  });

  it('with the same key and portfolio at once: one is done, the other learns it was too late', async () => {
    const { portfolio } = await opened('p1');
    const outcomes = await Promise.allSettled([rename('k1', portfolio, 'One'), rename('k1', portfolio, 'Two')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await countAll()).toMatchObject({ idempotency: 1 });
  });
});

describeWrites('portfolios', () => {
  it('are found by their owner, and by nobody else', async () => {
    const { portfolio } = await opened('p1');
    expect(await trading.findPortfolio('p1', 'user-1')).toEqual(portfolio);
    expect(await trading.findPortfolio('p1', 'user-2')).toBeNull();
    expect(await trading.loadAccount('p1', 'user-2')).toBeNull();
    expect(await trading.findPortfolio('p2', null)).toBeNull();
  });

  it('are listed oldest first, without the archived ones unless they are asked for', async () => {
    await opened('p2', { createdAt: at(2) });
    await opened('p3', { createdAt: at(1), archivedAt: at(3) });
    await opened('p1', { createdAt: at(0) });
    await opened('p4', { userId: 'user-2' });
    const ids = (portfolios: Portfolio[]): string[] => portfolios.map(({ id }) => id);
    expect(ids(await trading.listPortfolios('user-1'))).toEqual(['p1', 'p2']);
    expect(ids(await trading.listPortfolios('user-1', { includeArchived: true }))).toEqual(['p1', 'p3', 'p2']);
    expect(ids(await trading.listAllPortfolios({ includeArchived: true, limit: 3 }))).toEqual(['p1', 'p2', 'p3']);
    expect(ids(await trading.listAllPortfolios({ includeArchived: true, limit: 3, after: 'p3' }))).toEqual(['p4']);
    expect(ids(await trading.listAllPortfolios({ includeArchived: false, limit: 3, after: 'p1' }))).toEqual([
      'p2',
      'p4',
    ]);
  });

  it('are no more than allowed, however many are made at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const { state, entries } = anAccount(`p${index}`);
        return trading.create({ portfolio: state.portfolio, ledger: entries, atMost: 3 });
      }),
    );
    expect(made.filter(Boolean)).toHaveLength(3);
    expect(await trading.listPortfolios('user-1')).toHaveLength(3);
    expect(await countAll()).toMatchObject({ ledger: 3 });
  });

  it('made again under the same key are not made', async () => {
    const first = anAccount('p1');
    const writes = { portfolio: first.state.portfolio, ledger: first.entries, atMost: 1, idempotency: aKey('k1') };
    expect(await trading.create(writes)).toBe(true);
    const second = anAccount('p2');
    await expect(
      trading.create({ ...writes, portfolio: second.state.portfolio, ledger: second.entries }),
    ).rejects.toThrow(IdempotencyKeyTaken);
    expect(await trading.listPortfolios('user-1')).toHaveLength(1);
  });
});

describe('orders', () => {
  async function stored(orders: readonly Order[]): Promise<Portfolio> {
    const { portfolio } = await opened('p1');
    const after = next(portfolio);
    await trading.commit({ before: portfolio, after, insertOrders: orders });
    return after;
  }
  const ids = (orders: readonly Order[]): string[] => orders.map(({ id }) => id);

  it('are listed newest first, page by page, by run, status and market', async () => {
    await stored([
      anOrder('p1', 'o1'),
      anOrder('p1', 'o2', { marketId: 'will-it-snow' }),
      anOrder('p1', 'o3', { status: 'cancelled' }),
      anOrder('p1', 'o4'),
      anOrder('p1', 'o5', { run: 2 }),
    ]);
    const list = { portfolioId: 'p1', run: 1, page: 1, pageSize: 3 };
    const first = await trading.listOrders(list);
    expect([ids(first.orders), first.total]).toEqual([['o4', 'o3', 'o2'], 4]);
    expect(ids((await trading.listOrders({ ...list, page: 2 })).orders)).toEqual(['o1']);
    expect(ids((await trading.listOrders({ ...list, status: 'filled' })).orders)).toEqual(['o4', 'o2', 'o1']);
    expect(ids((await trading.listOrders({ ...list, marketId: 'will-it-snow' })).orders)).toEqual(['o2']);
    expect(ids(await collect(trading.streamOrders('p1')))).toEqual(['o4', 'o3', 'o2', 'o1', 'o5']);
  });

  it('that work are found by portfolio and market until they are done', async () => {
    const resting = aRestingOrder('p1', 'o1');
    const elsewhere = aRestingOrder('p1', 'o2', { conditionId: 'condition-2', marketId: 'will-it-snow' });
    const portfolio = await stored([resting, elsewhere, anOrder('p1', 'o3')]);
    expect(await trading.listWorkingOrders({ portfolioId: 'p1' })).toEqual([resting, elsewhere]);
    expect(ids(await trading.listWorkingOrders({ portfolioId: 'p1', conditionId: 'condition-2' }))).toEqual(['o2']);
    expect(ids(await trading.listWorkingOrders({ conditionId: 'condition-1' }))).toEqual(['o1']);
    expect(await trading.workingOrdersByCondition(10)).toEqual([
      { conditionId: 'condition-1', marketId: 'will-it-rain', count: 1 },
      { conditionId: 'condition-2', marketId: 'will-it-snow', count: 1 },
    ]);

    const done = anOrder('p1', 'o1', { status: 'cancelled' });
    await trading.commit({ before: portfolio, after: next(portfolio), updateOrders: [done] });
    expect(await trading.findOrder('p1', 'o1')).toEqual(done);
    expect(ids(await trading.listWorkingOrders({ portfolioId: 'p1' }))).toEqual(['o2']);
    expect(await trading.workingOrdersByCondition(10, 'condition-1')).toHaveLength(1);
  });

  it('are found by their ids, those that there are', async () => {
    const [one, other] = [aRestingOrder('p1', 'o1', { arrivalMidpoint: microPrice(505_000n) }), anOrder('p1', 'o2')];
    await stored([one, other]);
    expect(await trading.findOrders(['o2', 'o9', 'o1'])).toEqual([one, other]);
    expect(await trading.findOrders([])).toEqual([]);
  });

  it('of before their midpoint at rest was kept have none', async () => {
    await stored([aRestingOrder('p1', 'o1', { arrivalMidpoint: microPrice(505_000n) })]);
    const { collection } = databases.connection('trading_db').model('Order');
    await collection.updateOne({ _id: 'o1' } as object, { $unset: { arrival_midpoint: 1 } });
    expect(await trading.findOrder('p1', 'o1')).toMatchObject({ id: 'o1', arrivalMidpoint: null });
  });

  it('at rest are noted where they are in their queues, beside the version, unless they filled or ended meanwhile', async () => {
    const filled = microShares(3_000_000n);
    const portfolio = await stored([
      aRestingOrder('p1', 'o1', { queueAhead: null, queueAheadAtEntry: null }),
      aRestingOrder('p1', 'o2', { filledQuantity: filled }),
      anOrder('p1', 'o3'),
    ]);
    const note = (orderId: string): QueueNote => ({
      orderId,
      filledQuantity: microShares(0n),
      queueAhead: microShares(40_000_000n),
      queueAheadAtEntry: microShares(90_000_000n),
      arrivalMidpoint: microPrice(505_000n),
    });
    await trading.noteQueues(['o1', 'o2', 'o3', 'o4'].map(note), at(7));
    expect(await trading.findOrder('p1', 'o1')).toEqual(
      aRestingOrder('p1', 'o1', {
        queueAhead: microShares(40_000_000n),
        queueAheadAtEntry: microShares(90_000_000n),
        arrivalMidpoint: microPrice(505_000n),
        updatedAt: at(7),
      }),
    );
    expect(await trading.findOrder('p1', 'o2')).toEqual(aRestingOrder('p1', 'o2', { filledQuantity: filled }));
    expect(await trading.findOrder('p1', 'o3')).toEqual(anOrder('p1', 'o3'));
    expect(await trading.findOrder('p1', 'o4')).toBeNull();
    expect((await trading.findPortfolio('p1', null))?.version).toBe(portfolio.version);
    await trading.noteQueues([], at(8));
  });

  it('are due and end in the order of their times', async () => {
    await stored([
      aRestingOrder('p1', 'o1', { phase: 'arriving', matchesAt: at(9) }),
      aRestingOrder('p1', 'o2', { phase: 'delayed', matchesAt: at(8) }),
      aRestingOrder('p1', 'o3', { phase: 'arriving', matchesAt: at(20) }),
      aRestingOrder('p1', 'o4', { matchesAt: at(1), timeInForce: 'gtd', expiresAt: at(30) }),
      aRestingOrder('p1', 'o5', { matchesAt: at(1), timeInForce: 'gtd', expiresAt: at(25) }),
      anOrder('p1', 'o6', { matchesAt: at(1), timeInForce: 'gtd', expiresAt: at(25) }),
    ]);
    expect(ids(await trading.listDueOrders(at(9), 10))).toEqual(['o2', 'o1']);
    expect(ids(await trading.listDueOrders(at(30), 1))).toEqual(['o2']);
    expect(ids(await trading.listExpiring(at(30), 10))).toEqual(['o5', 'o4']);
    expect(ids(await trading.listExpiring(at(24), 10))).toEqual([]);
  });
});

describe('trades', () => {
  it('are listed newest first, in a period and by order, and streamed oldest first', async () => {
    const { portfolio } = await opened('p1');
    const [first, second] = [anOrder('p1', 'o1'), anOrder('p1', 'o2')];
    const trades = [
      aTrade(first, 't1', { tradedAt: at(1) }),
      aTrade(first, 't2', { tradedAt: at(3) }),
      aTrade(second, 't3', { tradedAt: at(2) }),
      aTrade(second, 't4', { tradedAt: at(4), run: 2 }),
    ];
    await trading.commit({ before: portfolio, after: next(portfolio), insertOrders: [first, second], trades });
    const ids = (list: readonly Trade[]): string[] => list.map(({ id }) => id);
    const run = { portfolioId: 'p1', run: 1 };
    const page = await trading.listTrades({ ...run, page: 1, pageSize: 2 });
    expect([ids(page.trades), page.total]).toEqual([['t2', 't3'], 3]);
    const period = await trading.listTrades({ ...run, from: at(1), to: at(2), page: 1, pageSize: 10 });
    expect([ids(period.trades), period.total]).toEqual([['t3', 't1'], 2]);
    expect(ids(await collect(trading.streamTrades(run)))).toEqual(['t1', 't3', 't2']);
    expect(ids(await collect(trading.streamTrades({ ...run, from: at(2) })))).toEqual(['t3', 't2']);
    const byOrder = await trading.tradesOfOrders(['o1', 'o2', 'o3']);
    expect([...byOrder].map(([orderId, list]) => [orderId, ids(list)])).toEqual([
      ['o1', ['t1', 't2']],
      ['o2', ['t3', 't4']],
    ]);
  });
});

describe('positions', () => {
  it('are those of the current run, and are found by market until they are closed', async () => {
    const state = await opened('p1');
    const order = anOrder('p1', 'o1');
    const writes = aFill(state, order, aTrade(order, 't1'));
    const [position] = writes.positions ?? [];
    if (position === undefined) throw new Error('the fill made no position');
    const settled = { ...position, tokenId: '1002', status: 'settled', settledVersion: 2 } as const;
    const closed = { ...position, tokenId: '1003', status: 'closed' } as const;
    const earlier = { ...position, run: 12, status: 'closed' } as const;
    await trading.commit({ ...writes, positions: [position, settled, closed, earlier] });

    const account = await trading.loadAccount('p1', null);
    expect([...(account?.positions.keys() ?? [])]).toEqual(['1001', '1002', '1003']);
    expect(await trading.listPositions({ portfolioId: 'p1' })).toHaveLength(4);
    expect(await trading.listPositions({ portfolioId: 'p1', run: 1, status: ['settled'] })).toEqual([settled]);
    expect(await trading.portfoliosHolding('condition-1')).toEqual([
      { portfolioId: 'p1', run: 1, tokenId: '1001', status: 'open', settledVersion: null },
      { portfolioId: 'p1', run: 1, tokenId: '1002', status: 'settled', settledVersion: 2 },
    ]);
    expect(await trading.openPositionsByCondition(10)).toEqual([
      { conditionId: 'condition-1', marketId: 'will-it-rain', count: 1 },
    ]);
    expect(await trading.openPositionsByCondition(10, 'condition-1')).toEqual([]);
  });
});

describe('the ledger', () => {
  it('is read in order, page by page and as a whole, past a billion entries too', async () => {
    const { portfolio } = await opened('p1');
    const [opening] = anAccount('p1').entries;
    if (opening === undefined) throw new Error('there is no opening entry');
    const entries = Array.from({ length: 24 }, (_, index) => ({ ...opening, seq: index + 2 }));
    const late = [999_999_999, 1_000_000_000].map((seq) => ({ ...opening, seq }));
    await trading.commit({ before: portfolio, after: next(portfolio), ledger: [...entries, ...late] });
    const seqs = (list: readonly LedgerEntry[]): number[] => list.map(({ seq }) => seq);
    expect(seqs(await trading.listLedger({ portfolioId: 'p1', page: 2, pageSize: 10 }))).toEqual([
      11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ]);
    expect(seqs(await collect(trading.streamLedger('p1', 12)))).toHaveLength(12);
    expect(seqs(await collect(trading.streamLedger('p1'))).slice(-3)).toEqual([25, 999_999_999, 1_000_000_000]);
  });

  it('names what was paid under a settlement key', async () => {
    const { portfolio } = await opened('p1');
    const [opening] = anAccount('p1').entries;
    if (opening === undefined) throw new Error('there is no opening entry');
    const paid = { ...opening, seq: 2, kind: 'settlement', settlementKey: 'condition-1:1' } as const;
    const reversed = { ...opening, seq: 3, kind: 'settlement_reversal', settlementKey: 'condition-1:1' } as const;
    const other = { ...opening, seq: 4, kind: 'settlement', settlementKey: 'condition-1:2' } as const;
    await trading.commit({ before: portfolio, after: next(portfolio), ledger: [paid, reversed, other] });
    expect(await trading.listSettlements('p1', 'condition-1:1')).toEqual([paid, reversed]);
    expect(await trading.listSettlements('p2', 'condition-1:1')).toEqual([]);
  });
});

describe('indexes', () => {
  it.each<[string, object, object, string]>([
    ['portfolios', { user_id: 'u', archived_at: null }, { created_at: 1, _id: 1 }, 'of_user'],
    ['orders', { portfolio_id: 'p', run: 1 }, { _id: -1 }, 'of_run'],
    ['orders', { portfolio_id: 'p', client_order_id: 'c' }, {}, 'client_order_id_of_portfolio'],
    ['orders', { working: true, portfolio_id: 'p' }, { _id: 1 }, 'working_of_portfolio'],
    ['orders', { working: true, condition_id: 'c' }, { _id: 1 }, 'working_of_condition'],
    ['orders', { due_at: { $lte: at(0) } }, { due_at: 1, _id: 1 }, 'due'],
    ['orders', { ends_at: { $lte: at(0) } }, { ends_at: 1, _id: 1 }, 'ending'],
    ['trades', { portfolio_id: 'p', run: 1, traded_at: { $gte: at(0) } }, { traded_at: -1, _id: -1 }, 'of_run'],
    ['trades', { order_id: { $in: ['a', 'b'] } }, { order_id: 1, _id: 1 }, 'of_order'],
    ['positions', { _id: { $gte: 'p:', $lt: 'p;' } }, { _id: 1 }, '_id_'],
    ['positions', { status: { $in: ['open', 'settled'] }, condition_id: 'c' }, {}, 'of_status'],
    ['ledger', { _id: { $gte: 'p:1', $lt: 'p:2' } }, { _id: 1 }, '_id_'],
    ['ledger', { settlement_key: 'k', portfolio_id: 'p' }, { seq: 1 }, 'settlements'],
    ['equity_snapshots', { _id: { $gte: 'p:1', $lt: 'p:2' } }, { _id: -1 }, '_id_'],
  ])('%s: %j in order %j is served by %s', async (collection, filter, sort, index) => {
    expect(await databases.indexesUsed('trading_db', collection, filter, sort)).toContain(index);
  });
});
