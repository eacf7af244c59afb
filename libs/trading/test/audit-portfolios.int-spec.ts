import {
  type AccountState,
  changedPositions,
  microUsdc,
  type Order,
  type Portfolio,
  reserveFor,
  type Trade,
} from '@app/domain';
import { TradingRepository } from '@app/persistence';
import { auditPortfolio, auditPortfolios, type AuditSummary, type PortfolioFindings } from '@app/trading';
import { openTestDatabases, type TestDatabases } from '../../persistence/test/test-databases';
import { anAccount, anOrder, aRestingOrder, at, aTrade, boughtBy } from '../../persistence/test/trading-records';

let databases: TestDatabases;
let trading: TradingRepository;

beforeAll(async () => {
  databases = await openTestDatabases();
  trading = new TradingRepository(databases.connection('trading_db'));
});

afterAll(() => databases.close());

beforeEach(async () => {
  for (const collection of ['portfolios', 'orders', 'trades', 'positions', 'ledger']) {
    await databases.empty('trading_db', collection);
  }
});

/** A portfolio that bought, and whose next order rests. */
async function tradedPortfolio(id: string): Promise<void> {
  const { state, entries } = anAccount(id);
  await trading.create({ portfolio: state.portfolio, ledger: entries, atMost: null });
  const order = anOrder(id, `${id}-o1`);
  const trade = aTrade(order, `${id}-t1`);
  const bought = await commitBuy(state, order, trade);
  const resting = aRestingOrder(id, `${id}-o2`);
  const held = reserveFor(bought, resting, { cash: resting.reservedCash, shares: resting.reservedShares }, at(2));
  await trading.commit({
    before: bought.portfolio,
    after: next(held.state.portfolio, { openOrders: 1 }),
    insertOrders: [resting],
    ledger: held.entries,
  });
}

const next = (portfolio: Portfolio, changes: Partial<Portfolio> = {}): Portfolio => ({
  ...portfolio,
  ...changes,
  version: portfolio.version + 1,
});

async function commitBuy(state: AccountState, order: Order, trade: Trade): Promise<AccountState> {
  const bought = boughtBy(state, order, trade);
  const portfolio = next(bought.state.portfolio);
  await trading.commit({
    before: state.portfolio,
    after: portfolio,
    insertOrders: [order],
    trades: [trade],
    positions: changedPositions(bought),
    ledger: bought.entries,
  });
  return { ...bought.state, portfolio };
}

async function audited(): Promise<{ summary: AuditSummary; told: PortfolioFindings[] }> {
  const told: PortfolioFindings[] = [];
  const summary = await auditPortfolios(trading, (findings) => told.push(findings));
  return { summary, told };
}

const collection = (name: string): ReturnType<ReturnType<TestDatabases['connection']>['collection']> =>
  databases.connection('trading_db').collection(name);

describe('the audit of all portfolios', () => {
  it('finds nothing where everything is in order, and says what it looked at', async () => {
    for (const id of ['p1', 'p2', 'p3']) await tradedPortfolio(id);
    expect(await audited()).toEqual({
      summary: { portfolios: 3, entries: 9, orders: 6, trades: 3, findings: 0 },
      told: [],
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'cash that was made up',
      () => collection('portfolios').updateOne({ _id: 'p2' as never }, { $inc: { cash: 1 } }),
      'The portfolio has 989.900001 USDC cash, its ledger says 989.9.',
    ],
    [
      'an entry that was lost',
      () => collection('ledger').deleteOne({ portfolio_id: 'p2', seq: 2 }),
      'Entry 3 (reserve) follows entry 1.',
    ],
    [
      'a trade that was lost',
      () => collection('trades').deleteOne({ _id: 'p2-t1' as never }),
      'Entry 2 books trade p2-t1, and there is none.',
    ],
    [
      'an order that was lost',
      () => collection('orders').deleteOne({ _id: 'p2-o1' as never }),
      'There are trades of order p2-o1, and no such order.',
    ],
    [
      'a reservation that was lost',
      () => collection('orders').updateOne({ _id: 'p2-o2' as never }, { $set: { reserved_cash: 0n } }),
      'The orders hold 0 USDC, the portfolio has 5 reserved.',
    ],
    [
      'a position that was lost',
      () => collection('positions').deleteOne({ portfolio_id: 'p2' }),
      'The ledger of run 1 has 10 shares of token 1001, of which there is no position.',
    ],
    [
      'a portfolio that was lost',
      () => collection('portfolios').deleteOne({ _id: 'p2' as never }),
      'There are orders, trades, positions or ledger entries of a portfolio that is not there.',
    ],
  ])('finds %s, and whose it is', async (_, spoil, sentence) => {
    for (const id of ['p1', 'p2', 'p3']) await tradedPortfolio(id);
    await spoil();
    const { summary, told } = await audited();
    expect(told.map(({ portfolioId }) => portfolioId)).toEqual(['p2']);
    expect(told[0]?.findings).toContain(sentence);
    expect(summary.findings).toBe(told[0]?.findings.length);
  });

  it('is not misled by trading that goes on meanwhile', async () => {
    const { state, entries } = anAccount('p1');
    await trading.create({ portfolio: state.portfolio, ledger: entries, atMost: null });
    let isOver = false;
    const busy = (async (): Promise<void> => {
      let current = state;
      for (let index = 1; index <= 40; index += 1) {
        const order = anOrder('p1', `o${index}`);
        current = await commitBuy(current, order, aTrade(order, `t${index}`));
      }
      isOver = true;
    })();
    const findings: string[][] = [];
    do findings.push((await auditPortfolio(trading, 'p1')).findings);
    while (!isOver);
    await busy;
    const quiet = await auditPortfolio(trading, 'p1');
    expect(quiet).toEqual({ findings: [], entries: 41, orders: 40, trades: 40 });
    const misled = findings.flat().filter((finding) => !finding.startsWith('It changed each of the'));
    expect(misled).toEqual([]);
  });

  it('finds nothing of a portfolio there is none of but that', async () => {
    expect((await auditPortfolio(trading, 'nobody')).findings).toEqual(['There is no such portfolio.']);
  });

  it('tells money that was made up inside a sound ledger by the positions', async () => {
    await tradedPortfolio('p1');
    await collection('portfolios').updateOne({ _id: 'p1' as never }, { $set: { realised: microUsdc(-7n) } });
    const { told } = await audited();
    expect(told[0]?.findings).toEqual([
      'The portfolio has -0.000007 USDC realised, its ledger says 0.',
      'The positions have 0 USDC realised, the portfolio -0.000007.',
    ]);
  });
});
