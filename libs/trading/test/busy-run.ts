import {
  type AccountState,
  bookFill,
  changedPositions,
  combineChanges,
  complement,
  type FeeSchedule,
  freeShares,
  type LedgerEntry,
  type MarketOutcomeRef,
  microPrice,
  type MicroPrice,
  microShares,
  type MicroShares,
  microUsdc,
  notional,
  openAccount,
  partsPerMillion,
  type Portfolio,
  type PricePoint,
  reserveFor,
  settlePosition,
  type Trade,
} from '@app/domain';
import { FILL_MODEL_VERSION, seededRandom, takerFee } from '@app/exchange';
import {
  marketContentHash,
  type MarketRepository,
  type PriceHistoryRepository,
  type TradingRepository,
} from '@app/persistence';
import { forEachLimited } from '@app/markets';
import { newId } from '@app/platform';
import { aVenueMarket } from '@app/testing';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** One stored part of an hourly history: what the venue answers at once. */
const PART_SECONDS = 15 * DAY_SECONDS;
const TRADES_A_COMMIT = 250;
const SETTLED_EVERY = 10;
const TICK = 1_000n;
/** No trade falls on a whole hour, so that a price there is the one of the hour. */
const OFF_THE_HOUR_MS = 433_217;

const FEES: FeeSchedule = {
  type: 'test_fees',
  rate: partsPerMillion(40_000n),
  exponent: 1,
  takerOnly: true,
  rebateRate: partsPerMillion(200_000n),
};

export interface BusyRunOptions {
  userId: string;
  trades: number;
  days: number;
  markets: number;
  seed: string;
  endsAt: Date;
}

/** A run with many trades, and what is needed to check what is told of it. */
export interface BusyRun {
  portfolioId: string;
  startedAt: Date;
  initialBalance: bigint;
  trades: readonly Trade[];
  /** What settlements moved: the token, the shares paid and what they brought. */
  settlements: readonly { tokenId: string; at: Date; quantity: bigint; paid: bigint }[];
  /** The hourly price of a token at or before a moment. */
  priceAt(tokenId: string, at: Date): MicroPrice;
}

/** One of the markets, with the price of its first outcome hour by hour. */
interface BusyMarket {
  outcomes: readonly [MarketOutcomeRef, MarketOutcomeRef];
  question: string;
  prices: PricePoint[];
  settlesAt: Date | null;
}

/**
 * Stores a portfolio whose run has traded in many markets, with its ledger, the markets and their price histories: every tenth market is settled on the way. Fills
 * are booked as the product books those of orders that travel: the cash held, then the fill.
 */
export async function writeBusyRun(
  store: { trading: TradingRepository; markets: MarketRepository; histories: PriceHistoryRepository },
  options: BusyRunOptions,
): Promise<BusyRun> {
  const endsAt = options.endsAt.getTime();
  const startedAt = new Date(endsAt - options.days * DAY_SECONDS * 1_000);
  const random = seededRandom(options.seed);
  const markets = Array.from({ length: options.markets }, (_, index) => busyMarket(index, startedAt, options, random));
  await storeMarkets(store, markets, options.endsAt);
  const account = new BusyAccount(store.trading);
  await account.open(options.userId, startedAt);
  const stepMs = (endsAt - startedAt.getTime() - 2 * OFF_THE_HOUR_MS) / options.trades;
  for (let index = 0; index < options.trades; index += 1) {
    const at = new Date(Math.floor(startedAt.getTime() + OFF_THE_HOUR_MS + index * stepMs));
    for (const market of markets) {
      if (market.settlesAt === null || market.settlesAt > at) continue;
      account.settle(market, market.settlesAt);
      market.settlesAt = null;
      markets.splice(markets.indexOf(market), 1);
    }
    const market = markets[Math.floor(random() * markets.length)];
    if (market !== undefined) account.trade(market, at, random);
    if ((index + 1) % TRADES_A_COMMIT === 0) await account.commit(at);
  }
  await account.commit(options.endsAt);
  return account.told(startedAt);
}

function busyMarket(index: number, startedAt: Date, options: BusyRunOptions, random: () => number): BusyMarket {
  const conditionId = `0x${(index + 1).toString(16).padStart(64, 'b')}`;
  const ref = (outcomeIndex: number): MarketOutcomeRef => ({
    marketId: `busy-${options.seed}-${index}`,
    conditionId,
    tokenId: `${9_000_000 + 2 * index + outcomeIndex}${'7'.repeat(70)}`,
    outcome: outcomeIndex === 0 ? 'Yes' : 'No',
    outcomeIndex,
  });
  const first = Math.floor(startedAt.getTime() / 1_000 / HOUR_SECONDS) * HOUR_SECONDS - DAY_SECONDS;
  const prices: PricePoint[] = [];
  let price = 100_000n + BigInt(Math.floor(random() * 800)) * TICK;
  for (let t = first; t <= options.endsAt.getTime() / 1_000; t += HOUR_SECONDS) {
    price += BigInt(Math.floor(random() * 21) - 10) * TICK;
    if (price < 50_000n || price > 950_000n) price = price < 50_000n ? 50_000n : 950_000n;
    prices.push({ t, p: microPrice(price) });
  }
  const lifeMs = options.days * DAY_SECONDS * 1_000;
  const settlesAt =
    index % SETTLED_EVERY === 3 ? new Date(startedAt.getTime() + Math.floor(lifeMs * 0.8) + 1_234) : null;
  return { outcomes: [ref(0), ref(1)], question: `Busy question ${index}?`, prices, settlesAt };
}

async function storeMarkets(
  { markets: repository, histories }: { markets: MarketRepository; histories: PriceHistoryRepository },
  markets: readonly BusyMarket[],
  now: Date,
): Promise<void> {
  await repository.writeBatch(
    markets.map(({ outcomes: [yes, no], question, prices, settlesAt }) => {
      const last = prices.at(-1)?.p ?? microPrice(500_000n);
      const market = aVenueMarket({
        slug: yes.marketId,
        gammaId: yes.tokenId.slice(0, 7),
        conditionId: yes.conditionId,
        question,
        category: 'busy',
        clobTokenIds: [yes.tokenId, no.tokenId],
        bestBid: microPrice(last - TICK),
        bestAsk: microPrice(last + TICK),
        fees: FEES,
        closed: settlesAt !== null,
        acceptingOrders: settlesAt === null,
      });
      return { market, contentHash: marketContentHash(market), previous: null, fetchedAt: now };
    }),
    now,
  );
  const kept = { final: false, fetchedAt: now, expiresAt: new Date(now.getTime() + DAY_SECONDS * 1_000) };
  const pieces = markets.flatMap(({ outcomes, prices, settlesAt }) =>
    outcomes.flatMap(({ tokenId, outcomeIndex }) => {
      const points = prices.map(({ t, p }) => ({ t, p: outcomeIndex === 0 ? p : complement(p) }));
      const parts = settlesAt === null ? partsOf(points) : [{ grain: '720m', bucket: 'max', points }];
      return parts.map((part) => ({ tokenId, ...part, ...kept }));
    }),
  );
  await forEachLimited(pieces, 8, (piece) => histories.save(piece, now));
}

/** The pieces an hourly history is kept in. */
function partsOf(points: readonly PricePoint[]): { grain: string; bucket: string; points: PricePoint[] }[] {
  const parts = new Map<number, PricePoint[]>();
  for (const point of points) {
    const start = Math.floor(point.t / PART_SECONDS) * PART_SECONDS;
    parts.set(start, [...(parts.get(start) ?? []), point]);
  }
  return [...parts].map(([start, own]) => ({ grain: '60m', bucket: String(start), points: own }));
}

/** An account that books one thing after the other and writes them in batches. */
class BusyAccount {
  private state: AccountState = { portfolio: aPortfolio(''), positions: new Map() };
  private written: Portfolio = aPortfolio('');
  private entries: LedgerEntry[] = [];
  private pending: Trade[] = [];
  private readonly changed = new Set<string>();
  private readonly trades: Trade[] = [];
  private readonly settlements: { tokenId: string; at: Date; quantity: bigint; paid: bigint }[] = [];
  private readonly markets = new Map<string, BusyMarket>();

  constructor(private readonly repository: TradingRepository) {}

  async open(userId: string, at: Date): Promise<void> {
    const { state, entries } = openAccount({ ...aPortfolio(userId), createdAt: at }, at);
    await this.repository.create({ portfolio: state.portfolio, ledger: entries, atMost: null });
    this.state = state;
    this.written = state.portfolio;
  }

  trade(market: BusyMarket, at: Date, random: () => number): void {
    const ref = market.outcomes[random() < 0.5 ? 0 : 1];
    this.markets.set(ref.tokenId, market);
    const free = freeShares(this.state, ref.tokenId);
    const side = free > 0n && random() < 0.48 ? 'sell' : 'buy';
    const wanted = BigInt(1 + Math.floor(random() * 5_000)) * 10_000n;
    const quantity = microShares(side === 'sell' && wanted > free ? free : wanted);
    const midpoint = priceOf(market, ref.outcomeIndex, at);
    const price = microPrice(side === 'buy' ? midpoint + TICK : midpoint - TICK);
    this.book(market, ref, { side, quantity, price, midpoint, at });
  }

  settle(market: BusyMarket, at: Date): void {
    const [yes, no] = market.outcomes;
    const resolution = {
      conditionId: yes.conditionId,
      version: 1,
      tokenIds: [yes.tokenId, no.tokenId],
      payouts: [partsPerMillion(1_000_000n), partsPerMillion(0n)],
    };
    for (const { tokenId } of market.outcomes) {
      const quantity = this.state.positions.get(tokenId)?.quantity ?? 0n;
      const change = settlePosition(this.state, tokenId, resolution, at);
      const paid = change.state.portfolio.cash - this.state.portfolio.cash;
      this.state = change.state;
      this.entries.push(...change.entries);
      for (const changed of change.changedTokens) this.changed.add(changed);
      if (quantity > 0n) this.settlements.push({ tokenId, at, quantity, paid });
    }
  }

  async commit(at: Date): Promise<void> {
    const before = this.written;
    const after = { ...this.state.portfolio, version: before.version + 1, updatedAt: at };
    const change = { state: this.state, entries: this.entries, changedTokens: [...this.changed] };
    await this.repository.commit({
      before,
      after,
      trades: this.pending,
      positions: changedPositions(change),
      ledger: this.entries,
    });
    this.state = { ...this.state, portfolio: after };
    this.written = after;
    this.entries = [];
    this.pending = [];
    this.changed.clear();
  }

  told(startedAt: Date): BusyRun {
    const { portfolio } = this.state;
    return {
      portfolioId: portfolio.id,
      startedAt,
      initialBalance: portfolio.initialBalance,
      trades: this.trades,
      settlements: this.settlements,
      priceAt: (tokenId, at) => {
        const market = this.markets.get(tokenId);
        const ref = market?.outcomes.find((one) => one.tokenId === tokenId);
        if (market === undefined || ref === undefined) throw new Error(`nothing was traded of ${tokenId}`);
        return priceOf(market, ref.outcomeIndex, at);
      },
    };
  }

  private book(
    market: BusyMarket,
    ref: MarketOutcomeRef,
    deed: { side: 'buy' | 'sell'; quantity: MicroShares; price: MicroPrice; midpoint: MicroPrice; at: Date },
  ): void {
    const { side, quantity, price, at } = deed;
    const order = { ...ref, id: newId(), side, marketQuestion: market.question };
    const value = notional(price, quantity, side === 'buy' ? 'up' : 'down');
    const fee = takerFee(FEES, price, quantity);
    const hold =
      side === 'buy'
        ? { cash: microUsdc(value + 2n * fee), shares: microShares(0n) }
        : { cash: microUsdc(0n), shares: quantity };
    const held = reserveFor(this.state, order, hold, at);
    const fill = { tradeId: newId(), price, quantity, value, fee, liquidity: 'taker' as const };
    const booked = bookFill(held.state, order, fill, hold, at);
    const change = combineChanges([held, booked]);
    this.state = change.state;
    this.entries.push(...change.entries);
    for (const tokenId of change.changedTokens) this.changed.add(tokenId);
    const trade: Trade = {
      ...ref,
      ...deed,
      id: fill.tradeId,
      portfolioId: this.state.portfolio.id,
      userId: this.state.portfolio.userId,
      run: 1,
      orderId: order.id,
      value,
      fee,
      realised: booked.realised,
      liquidity: 'taker',
      midpointAtFill: deed.midpoint,
      slippageBps: null,
      receipt: receipt(deed.midpoint, quantity, at),
      notes: null,
      marketQuestion: market.question,
      tradedAt: at,
      createdAt: at,
    };
    this.trades.push(trade);
    this.pending.push(trade);
  }
}

function priceOf({ prices }: BusyMarket, outcomeIndex: number, at: Date): MicroPrice {
  const hour = Math.floor((at.getTime() / 1_000 - (prices[0]?.t ?? 0)) / HOUR_SECONDS);
  const price = prices[Math.min(hour, prices.length - 1)]?.p ?? microPrice(500_000n);
  return outcomeIndex === 0 ? price : complement(price);
}

function receipt(midpoint: MicroPrice, size: MicroShares, at: Date): Trade['receipt'] {
  return {
    rule: 'E1',
    grade: 'A',
    profile: 'realistic',
    modelVersion: FILL_MODEL_VERSION,
    bookSource: 'rest',
    bookSequence: null,
    bookHash: 'a'.repeat(40),
    bookVenueTime: at,
    bookReceivedAt: at,
    displayedSize: size,
    takenBefore: microShares(0n),
    printKey: null,
    printSize: null,
    queueAheadAtEntry: null,
    queueAheadAtFill: null,
    arrivalMidpoint: midpoint,
    feeSchedule: FEES,
  };
}

function aPortfolio(userId: string): Portfolio {
  const nothing = microUsdc(0n);
  const begin = new Date(0);
  return {
    id: newId(),
    userId,
    name: 'Busy',
    description: null,
    initialBalance: microUsdc(1_000_000_000_000n),
    cash: nothing,
    reserved: nothing,
    owed: nothing,
    realised: nothing,
    fees: nothing,
    run: 1,
    runStartedAt: begin,
    profile: 'realistic',
    latency: 'colocated',
    isActive: true,
    archivedAt: null,
    version: 1,
    ledgerSeq: 0,
    openOrders: 0,
    createdAt: begin,
    updatedAt: begin,
  };
}
