import {
  outcomeOf,
  type SettlementHarness,
  startSettlementHarness,
  type TestSettler,
  usdc,
} from './settlement-harness';

const MINUTE = 60_000;

describe('settlement', () => {
  let harness: SettlementHarness;
  let settler: TestSettler;

  beforeAll(async () => {
    harness = await startSettlementHarness();
  });
  beforeEach(async () => {
    await harness.venue.reset();
    settler = harness.start();
  });
  afterAll(() => harness.stop());

  it('G2 pays 1 for the winner and 0 for the loser, and F10 releases what orders held', async () => {
    const market = await harness.aMarket();
    const [yes, no] = [outcomeOf(market, 0), outcomeOf(market, 1)];
    const [winner, loser] = [await harness.open('1000'), await harness.open('1000')];
    await harness.buy(winner, yes, '100', '60');
    await harness.buy(loser, no, '50.5', '20.2');
    const bid = await harness.rest(winner, 'buy', yes, '10', '0.4');
    const ask = await harness.rest(winner, 'sell', yes, '30', '0.9');
    const before = await harness.portfolio(winner);
    expect([before.cash, before.reserved, before.openOrders]).toEqual([usdc('936'), usdc('4'), 2]);
    await harness.change(market, { resolve: 0 });

    expect(await settler.settle()).toMatchObject({ accepted: 1, cancelledOrders: 2, paid: 2, reversed: 0, failed: 0 });

    expect(await harness.portfolio(winner)).toMatchObject({
      cash: usdc('1040'),
      reserved: 0n,
      owed: 0n,
      realised: usdc('40'),
      openOrders: 0,
    });
    expect(await harness.position(winner, yes)).toMatchObject({
      status: 'settled',
      settledVersion: 1,
      quantity: 0n,
      reserved: 0n,
      cost: 0n,
      realised: usdc('40'),
    });
    expect(await harness.portfolio(loser)).toMatchObject({ cash: usdc('979.8'), realised: usdc('-20.2') });
    for (const order of [bid, ask]) {
      expect(await harness.order(order)).toMatchObject({
        status: 'cancelled',
        phase: 'done',
        reservedCash: 0n,
        reservedShares: 0n,
        rejectReason: 'The market was resolved.',
      });
    }
    const [paid] = (await harness.ledger(winner)).filter(({ kind }) => kind === 'settlement');
    expect(paid).toMatchObject({
      settlementKey: `${market.conditionId}:1`,
      postings: [
        { account: 'cash', amount: usdc('100') },
        { account: 'positions', amount: usdc('-60') },
        { account: 'realised', amount: usdc('-40') },
      ],
      shares: [{ tokenId: yes.tokenId, change: -100_000_000n, quantityAfter: 0n }],
    });
    expect(await harness.resolution(market)).toMatchObject({
      version: 1,
      source: 'clob',
      payouts: [1_000_000n, 0n],
      evidence:
        `CLOB: closed, winner ${yes.outcome} (token ${yes.tokenId}). ` +
        'Gamma: closed, prices 1 and 0, UMA status resolved.',
    });
    expect([...(await harness.audit(winner)), ...(await harness.audit(loser))]).toEqual([]);
    const after = await harness.portfolio(winner);
    expect(await settler.settle(MINUTE)).toMatchObject({ accepted: 0, paid: 0, cancelledOrders: 0 });
    expect(await harness.portfolio(winner)).toEqual(after);
  });

  it('G1 pays an announced result only once the venue confirms it, and then at once', async () => {
    const market = await harness.aMarket();
    const [yes, no] = [outcomeOf(market, 0), outcomeOf(market, 1)];
    const holder = await harness.open('100');
    await harness.buy(holder, yes, '10', '5');
    const order = await harness.rest(holder, 'sell', yes, '10', '0.9');
    expect(await settler.settleAnnounced(market, yes)).toBe('open');
    expect(await harness.order(order)).toMatchObject({ phase: 'resting' });

    await harness.change(market, { resolve: 0 });
    expect(await settler.settleAnnounced(market, no)).toBe('closed');
    expect(await harness.order(order)).toMatchObject({ status: 'cancelled' });
    expect(await harness.resolution(market)).toBeNull();

    expect(await settler.settleAnnounced(market, yes)).toBe('resolved');
    const paid = await harness.portfolio(holder);
    expect(paid).toMatchObject({ cash: usdc('105'), realised: usdc('5'), openOrders: 0 });
    expect(await settler.settleAnnounced(market, no)).toBe('resolved');
    expect(await harness.portfolio(holder)).toEqual(paid);
    expect(await harness.audit(holder)).toEqual([]);
  });

  it('G2 pays two halves, and a complete set to the micro-unit', async () => {
    const market = await harness.aMarket();
    const both = await harness.open('1000');
    await harness.buy(both, outcomeOf(market, 0), '3.000001', '1.2');
    await harness.buy(both, outcomeOf(market, 1), '3.000001', '1.9');
    await harness.change(market, { resolve: 'split' });
    expect(await settler.settle()).toMatchObject({ accepted: 1, paid: 2 });
    expect(await harness.portfolio(both)).toMatchObject({ cash: usdc('999.900001'), realised: usdc('-0.099999') });
    expect(await harness.resolution(market)).toMatchObject({ source: 'gamma', payouts: [500_000n, 500_000n] });
    expect(await harness.audit(both)).toEqual([]);
  });

  it.each([
    ['a proposal', { uma_resolution_status: 'proposed' }],
    ['a dispute', { uma_resolution_status: 'disputed' }],
    ['a price of 0.999 while it is open', { price: 0.999, tick_size: 0.001 }],
  ])('G1 pays nothing on %s, and keeps the orders', async (_, said) => {
    const market = await harness.aMarket();
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(market, 0), '10', '5');
    const order = await harness.rest(holder, 'sell', outcomeOf(market, 0), '10', '0.9');
    await harness.change(market, said);
    const later =
      market.endDate === null ? 0 : Math.max(0, market.endDate.getTime() - Date.parse('2026-11-22T10:00:00Z'));
    expect(await settler.settle(later + MINUTE)).toMatchObject({ accepted: 0, paid: 0, cancelledOrders: 0 });
    expect(await harness.position(holder, outcomeOf(market, 0))).toMatchObject({
      status: 'open',
      quantity: 10_000_000n,
    });
    expect(await harness.order(order)).toMatchObject({ phase: 'resting' });
    expect(await harness.resolution(market)).toBeNull();
  });

  it.each([
    ['closed without a result', { closed: true, price: 0.999, tick_size: 0.001 }],
    [
      'closed at 1 and 0 with a proposal that is not final',
      { resolve: 0, clob_winner: 'none', shown_uma_status: 'proposed' },
    ],
    ['resolved differently by the CLOB and Gamma', { resolve: 0, clob_winner: 1 }],
  ])('G1 pays nothing when a market is %s; F10 ends the orders at once, positions wait', async (_, said) => {
    const market = await harness.aMarket();
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(market, 0), '10', '5');
    const order = await harness.rest(holder, 'sell', outcomeOf(market, 0), '10', '0.9');
    await harness.change(market, said);
    expect(await settler.settle()).toMatchObject({ accepted: 0, paid: 0, cancelledOrders: 1 });
    expect(await harness.order(order)).toMatchObject({ status: 'cancelled', rejectReason: 'The market closed.' });
    expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('95'), openOrders: 0 });
    expect(await harness.position(holder, outcomeOf(market, 0))).toMatchObject({ status: 'open', reserved: 0n });

    const late = await harness.rest(holder, 'buy', outcomeOf(market, 0), '10', '0.4');
    expect(await settler.settle(1_000)).toMatchObject({ asked: 0, cancelledOrders: 1 });
    expect(await harness.order(late)).toMatchObject({ status: 'cancelled' });

    await harness.change(market, { resolve: 0, clob_winner: null, shown_uma_status: null });
    expect(await settler.settle(MINUTE)).toMatchObject({ accepted: 1, paid: 1 });
    expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('105') });
    expect(await harness.audit(holder)).toEqual([]);
  });

  it('F10 ends the orders of a market that takes none, and leaves its positions', async () => {
    const market = await harness.aMarket();
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(market, 0), '10', '5');
    const order = await harness.rest(holder, 'buy', outcomeOf(market, 1), '10', '0.4');
    await harness.change(market, { halted: true });
    expect(await settler.settle()).toMatchObject({ accepted: 0, paid: 0, cancelledOrders: 1 });
    expect(await harness.order(order)).toMatchObject({ rejectReason: 'The market takes no orders.' });
    expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('95'), reserved: 0n });
    expect(await harness.audit(holder)).toEqual([]);
    await harness.change(market, { halted: false });
  });

  it('G1 takes one source while the other is silent', async () => {
    const [byClob, byGamma] = [await harness.aMarket(), await harness.aMarket()];
    const holder = await harness.open('100');
    for (const market of [byClob, byGamma]) await harness.buy(holder, outcomeOf(market, 0), '10', '5');
    await harness.change(byClob, { resolve: 0 });
    await harness.venue.fault({ kind: 'status', path: '/gamma/markets', status: 503, times: 2 });
    expect(await settler.settle()).toMatchObject({ accepted: 1, paid: 1 });
    expect((await harness.resolution(byClob))?.source).toBe('clob');
    await harness.venue.reset();
    await harness.change(byGamma, { resolve: 1 });
    await harness.venue.fault({ kind: 'status', path: '/clob/markets', status: 503, times: 10 });
    expect(await settler.settle(MINUTE)).toMatchObject({ accepted: 1, paid: 1 });
    expect((await harness.resolution(byGamma))?.source).toBe('gamma');
    expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('100') });
  });

  it('settles each leg of a neg-risk event on its own', async () => {
    const first = await harness.aMarket(({ negRisk, event }) => negRisk && event !== null);
    const second = await harness.aMarket(({ event }) => event?.id === first.event?.id);
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(first, 1), '10', '9');
    await harness.buy(holder, outcomeOf(second, 1), '10', '8');
    await harness.change(first, { resolve: 1 });
    expect(await settler.settle()).toMatchObject({ accepted: 1, paid: 1 });
    expect(await harness.position(holder, outcomeOf(second, 1))).toMatchObject({ status: 'open' });
    await harness.change(second, { resolve: 0 });
    expect(await settler.settle(MINUTE)).toMatchObject({ accepted: 1, paid: 1 });
    expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('93'), realised: usdc('-7') });
    expect(await harness.audit(holder)).toEqual([]);
  });

  describe('a result that changes', () => {
    it('is taken back and paid anew', async () => {
      const market = await harness.aMarket();
      const [yes, no] = [outcomeOf(market, 0), outcomeOf(market, 1)];
      const [first, second] = [await harness.open('100'), await harness.open('100')];
      await harness.buy(first, yes, '10', '6');
      await harness.buy(second, no, '10', '4');
      await harness.change(market, { resolve: 0 });
      expect(await settler.settle()).toMatchObject({ accepted: 1, paid: 2 });
      await harness.venue.change(market.slug, { resolve: 1 });
      expect(await settler.settle(5 * MINUTE)).toMatchObject({ accepted: 0 });
      expect(await settler.settle(11 * MINUTE)).toMatchObject({ accepted: 1, reversed: 2, paid: 2 });
      expect(await harness.portfolio(first)).toMatchObject({ cash: usdc('94'), realised: usdc('-6'), owed: 0n });
      expect(await harness.portfolio(second)).toMatchObject({ cash: usdc('106'), realised: usdc('6') });
      expect(await harness.position(first, yes)).toMatchObject({ status: 'settled', settledVersion: 2 });
      expect((await harness.ledger(first)).map(({ kind }) => kind)).toEqual([
        'deposit',
        'buy',
        'settlement',
        'settlement_reversal',
        'settlement',
      ]);
      expect(await harness.resolution(market)).toMatchObject({ version: 2, payouts: [0n, 1_000_000n] });
      expect(await settler.settle(22 * MINUTE)).toMatchObject({ accepted: 0, reversed: 0, paid: 0 });
      expect([...(await harness.audit(first)), ...(await harness.audit(second))]).toEqual([]);
    });

    it('leaves owed what was spent, which the next money repays', async () => {
      const [market, other] = [await harness.aMarket(), await harness.aMarket()];
      const [won, later] = [outcomeOf(market, 0), outcomeOf(other, 0)];
      const spender = await harness.open('10');
      await harness.buy(spender, won, '20', '10');
      await harness.change(market, { resolve: 0 });
      await settler.settle();
      await harness.buy(spender, later, '40', '18');
      const resting = await harness.rest(spender, 'buy', outcomeOf(other, 1), '2', '0.5');
      await harness.change(market, { resolve: 1 });
      expect(await settler.settle(11 * MINUTE)).toMatchObject({ accepted: 1, reversed: 1, paid: 1 });
      expect(await harness.portfolio(spender)).toMatchObject({
        cash: 0n,
        reserved: usdc('1'),
        owed: usdc('19'),
        realised: usdc('-10'),
      });
      expect(await harness.order(resting)).toMatchObject({ phase: 'resting' });
      expect(await harness.audit(spender)).toEqual([]);

      await harness.sell(spender, later, '30', '15');
      expect(await harness.portfolio(spender)).toMatchObject({ cash: 0n, owed: usdc('4') });
      await harness.change(other, { resolve: 0 });
      expect(await settler.settle(12 * MINUTE)).toMatchObject({ accepted: 1, paid: 1, cancelledOrders: 1 });
      expect(await harness.portfolio(spender)).toMatchObject({ cash: usdc('7'), reserved: 0n, owed: 0n });
      expect(await harness.audit(spender)).toEqual([]);
    });

    it('stays paid while the market is open again, and goes with the next result', async () => {
      const market = await harness.aMarket();
      const holder = await harness.open('100');
      await harness.buy(holder, outcomeOf(market, 0), '10', '6');
      await harness.change(market, { resolve: 0 });
      await settler.settle();
      await harness.change(market, { closed: false });
      expect(await settler.settle(11 * MINUTE)).toMatchObject({ accepted: 0, reversed: 0 });
      expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('104') });
      await harness.change(market, { resolve: 'split' });
      expect(await settler.settle(22 * MINUTE)).toMatchObject({ accepted: 1, reversed: 1, paid: 1 });
      expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('99') });
      expect(await harness.audit(holder)).toEqual([]);
    });
  });

  it('dates a payment no earlier than what happened since the pass began', async () => {
    const market = await harness.aMarket();
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(market, 0), '10', '6');
    const bid = await harness.rest(holder, 'buy', outcomeOf(market, 0), '10', '0.4');
    await harness.change(market, { resolve: 0 });
    expect(await settler.settle(-MINUTE)).toMatchObject({ paid: 1, cancelledOrders: 1 });
    const dates = (await harness.ledger(holder)).map(({ at }) => at.getTime());
    expect(dates).toEqual([...dates].sort((a, b) => a - b));
    const ended = await harness.order(bid);
    expect(ended?.updatedAt.getTime()).toBe(dates.at(-1));
  });

  it('does not pay what a run that is over held', async () => {
    const market = await harness.aMarket();
    const holder = await harness.open('100');
    await harness.buy(holder, outcomeOf(market, 0), '10', '6');
    await harness.reset(holder);
    await harness.buy(holder, outcomeOf(market, 1), '5', '2');
    await harness.change(market, { resolve: 0 });
    expect(await settler.settle()).toMatchObject({ accepted: 1, paid: 1, failed: 0 });
    expect(await harness.portfolio(holder)).toMatchObject({ run: 2, cash: usdc('98'), realised: usdc('-2') });
    expect(await harness.audit(holder)).toEqual([]);
  });

  describe('a worker that stops', () => {
    const stops = [1, 2, 3, 4].flatMap((decision) =>
      (['before', 'after'] as const).map((when) => [when, decision] as const),
    );

    it.each(stops)('%s its decision number %i: the next one pays once', async (when, decision) => {
      const market = await harness.aMarket();
      const holders = await Promise.all(['100', '100', '100'].map((balance) => harness.open(balance)));
      for (const holder of holders) {
        await harness.buy(holder, outcomeOf(market, 0), '10', '6');
        await harness.rest(holder, 'sell', outcomeOf(market, 0), '4', '0.9');
      }
      await harness.change(market, { resolve: 0 });
      const stopping = settler.stopAt(decision, when);
      await expect(settler.settle(0, stopping)).rejects.toThrow('the worker was stopped');

      settler = harness.start();
      await settler.settle();
      for (const holder of holders) {
        expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('104'), reserved: 0n, openOrders: 0 });
        expect((await harness.ledger(holder)).filter(({ kind }) => kind === 'settlement')).toHaveLength(1);
        expect(await harness.audit(holder)).toEqual([]);
      }
      expect(await harness.resolution(market)).toMatchObject({ version: 1 });
    });

    it('while a changed result is paid: the next one ends it', async () => {
      const market = await harness.aMarket();
      const holders = await Promise.all(['100', '100', '100'].map((balance) => harness.open(balance)));
      for (const holder of holders) await harness.buy(holder, outcomeOf(market, 0), '10', '6');
      await harness.change(market, { resolve: 0 });
      await settler.settle();
      await harness.change(market, { resolve: 1 });
      await expect(settler.settle(11 * MINUTE, settler.stopAt(2, 'after'))).rejects.toThrow('the worker was stopped');

      settler = harness.start();
      await settler.settle(12 * MINUTE);
      for (const holder of holders) {
        expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('94') });
        expect(await harness.audit(holder)).toEqual([]);
      }
    });
  });

  it('pays once when two settle at the same time, first and changed results', async () => {
    const market = await harness.aMarket();
    const holders = await Promise.all(Array.from({ length: 8 }, () => harness.open('100')));
    for (const holder of holders) {
      await harness.buy(holder, outcomeOf(market, 0), '10', '6');
      await harness.rest(holder, 'buy', outcomeOf(market, 1), '10', '0.3');
    }
    await harness.change(market, { resolve: 0 });
    const other = harness.start();
    const [one, two] = await Promise.all([settler.settle(), other.settle()]);
    expect([one.accepted + two.accepted, one.paid + two.paid, one.cancelledOrders + two.cancelledOrders]).toEqual([
      1, 8, 8,
    ]);
    await harness.change(market, { resolve: 1 });
    const [third, fourth] = await Promise.all([settler.settle(11 * MINUTE), other.settle(11 * MINUTE)]);
    expect([third.accepted + fourth.accepted, third.reversed + fourth.reversed, third.paid + fourth.paid]).toEqual([
      1, 8, 8,
    ]);
    for (const holder of holders) {
      expect(await harness.portfolio(holder)).toMatchObject({ cash: usdc('94'), reserved: 0n });
      expect(await harness.audit(holder)).toEqual([]);
    }
  });
});
