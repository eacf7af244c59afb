import type { ClobMarket, ClobSource, HistoryWindow } from '../clob-routes';
import type { DataSource, HolderRow, TradePrint } from '../data-routes';
import type { LiveBooks } from '../stream/live-books';
import { type BookAnswer, decimal } from './books';
import { openInterest } from './gamma-view';
import { acceptsOrders, hasOrderBook, type MarketState, phaseAt } from './market-state';
import { type HistoryPoint, priceSeries, quoteAt, stepStart } from './prices';
import { hash2, hash3, unit } from './random';
import * as ids from './venue-ids';
import { isoSeconds } from './venue-time';
import type { World } from './world';

const MICRO = 1_000_000;
/** Every twentieth row of the CLOB's long lists repeats the one before. */
const REPEAT_EVERY = 20;
const WALLETS = 5_000;
const PICTURES = 'https://simulated.example.com/uploads';

/** The CLOB's and the Data API's view of the generated world. */
export class WorldVenue implements ClobSource, DataSource {
  constructor(
    private readonly world: World,
    private readonly books: LiveBooks,
  ) {}

  now(): number {
    return this.world.now();
  }

  book(tokenId: string): BookAnswer | null {
    const owner = this.world.findByTokenId(tokenId);
    if (owner === null) return null;
    return this.books.book(owner.market, owner.outcome, tokenId);
  }

  marketOfToken(tokenId: string): ClobMarket | null {
    const owner = this.world.findByTokenId(tokenId);
    if (owner === null || !hasOrderBook(owner.market)) return null;
    const { market } = owner;
    const traded = phaseAt(market, this.now()) !== 'unopened' && market.shape === 'standard';
    const sold = (hash3(market.seed, 11, stepStart(market, this.now())) & 1) === 0;
    const moved = this.books.lastTrade(market);
    return {
      conditionId: this.world.conditionId(market),
      tokens: this.tokens(market),
      tickSize: market.tickMicro / MICRO,
      negRisk: market.event.negRisk,
      baseFee: market.event.fees === null ? 0 : 1000,
      lastTrade:
        moved !== null
          ? { price: decimal(moved.micro), side: moved.side }
          : traded
            ? { price: (quoteAt(market, this.now()).last / MICRO).toString(), side: sold ? 'SELL' : 'BUY' }
            : { price: '0.5', side: '' },
    };
  }

  history(tokenId: string, window: HistoryWindow): { points: HistoryPoint[]; resolved: boolean } {
    const owner = this.world.findByTokenId(tokenId);
    if (owner === null) return { points: [], resolved: false };
    const { market, outcome } = owner;
    const points = priceSeries(market, outcome, { ...window, now: this.now() });
    const resolved = phaseAt(market, this.now()) === 'closed' && market.payout !== 'none';
    const last = points.at(-1);
    if (resolved && last !== undefined && last.t >= Math.floor(market.closeAt)) {
      last.p = market.payout === 'split' ? 0.5 : market.payout === outcome ? 1 : 0;
    }
    return { points, resolved };
  }

  info(conditionId: string): unknown {
    const market = this.world.findByConditionId(conditionId);
    if (market === null || !hasOrderBook(market)) return null;
    const { event } = market;
    return {
      ...(market.seed % 5 === 0 ? { r: { mi: 50, ma: 3.5, moas: 4 } } : {}),
      t: this.tokens(market).map((token) => ({ t: token.tokenId, o: token.outcome })),
      c: conditionId,
      mos: 5,
      mts: market.tickMicro / MICRO,
      ...(event.fees === null ? {} : { mbf: 1000, tbf: 1000 }),
      ...(acceptsOrders(market, this.now()) ? { ao: true } : {}),
      ...(event.negRisk ? { nr: true } : {}),
      ...(event.sport === null ? {} : { cbos: true, gst: isoSeconds(event.sport.gameStartAt) }),
      ...(event.sport === null || event.sport.secondsDelay === 0 ? {} : { sd: event.sport.secondsDelay }),
      ...(event.crypto === null ? {} : { itode: true }),
      aot: isoSeconds(market.openAt),
      ibce: true,
      ...(event.fees === null ? {} : { fd: { r: event.fees.rate, e: 1, to: true } }),
    };
  }

  fullMarket(conditionId: string): unknown {
    const market = this.world.findByConditionId(conditionId);
    return market === null ? null : this.row(market);
  }

  listLength(): number {
    const { length } = this.world.markets;
    return length + Math.floor((length - 1) / (REPEAT_EVERY - 1));
  }

  listRow(position: number, simplified: boolean): unknown {
    const repeats = Math.floor(position / REPEAT_EVERY);
    const market = this.world.market(
      position % REPEAT_EVERY === REPEAT_EVERY - 1 ? position - repeats - 1 : position - repeats,
    );
    return simplified ? this.simplified(market) : this.row(market);
  }

  openInterest(conditionId: string | null): number | null {
    if (conditionId === null) {
      const total = this.world.markets.reduce((sum, market) => sum + openInterest(this.world, market, this.now()), 0);
      return Math.round(total * MICRO) / MICRO;
    }
    const market = this.world.findByConditionId(conditionId);
    return market === null ? null : openInterest(this.world, market, this.now());
  }

  trades(filter: {
    conditionIds: readonly string[];
    side: string | null;
    offset: number;
    limit: number;
  }): TradePrint[] {
    const asked = filter.conditionIds.map((id) => this.world.findByConditionId(id)).filter((market) => market !== null);
    const markets = filter.conditionIds.length > 0 ? asked : this.busiest();
    const wanted = filter.offset + filter.limit;
    const prints = markets.flatMap((market) => this.printsOf(market, filter.side, wanted));
    return prints.sort((a, b) => b.timestamp - a.timestamp).slice(filter.offset, wanted);
  }

  holders(conditionId: string, limit: number): { token: string; holders: HolderRow[] }[] {
    const market = this.world.findByConditionId(conditionId);
    if (market === null || market.volume === 0) return [];
    const interest = openInterest(this.world, market, this.now());
    return this.world.tokenIds(market).map((token, outcomeIndex) => ({
      token,
      holders: Array.from({ length: Math.min(limit, 3 + (market.seed % 30)) }, (_, place) => ({
        proxyWallet: ids.address(this.world.seed, hash3(market.seed, outcomeIndex, place) % WALLETS),
        asset: token,
        amount: Math.round((interest / (place + 3)) * 1e4) / 1e4,
        outcomeIndex,
      })).filter((holder) => holder.amount > 0),
    }));
  }

  /** The markets the public tape is made of when none is asked for. */
  private busiest(): MarketState[] {
    const open = this.world.markets.filter((market) => acceptsOrders(market, this.now()) && market.volume > 0);
    return open.sort((a, b) => b.volume - a.volume).slice(0, 20);
  }

  /** Newest first; one print a minute in the busiest hours, fewer in quiet markets. */
  private printsOf(market: MarketState, side: string | null, count: number): TradePrint[] {
    if (market.shape !== 'standard' || phaseAt(market, this.now()) === 'unopened') return [];
    const spacing = Math.max(20, Math.min(86_400, Math.round(4e7 / Math.max(1, market.volume))));
    const prints: TradePrint[] = [];
    const latest = Math.floor(Math.min(this.now(), market.closeAt - 1) / spacing);
    for (let slot = latest; prints.length < count && slot * spacing > market.openAt; slot -= 1) {
      const print = this.print(market, slot, spacing);
      if (print.timestamp <= this.now() && (side === null || side === print.side)) prints.push(print);
    }
    return prints;
  }

  private print(market: MarketState, slot: number, spacing: number): TradePrint {
    const bits = hash2(market.seed, slot);
    const timestamp = slot * spacing + (bits % spacing);
    const quote = quoteAt(market, timestamp);
    const outcomeIndex = bits & 1;
    const buys = (bits & 2) === 0;
    const first = buys === (outcomeIndex === 0) ? (quote.ask ?? quote.last) : (quote.bid ?? quote.last);
    const price = (outcomeIndex === 0 ? first : MICRO - first) / MICRO;
    return {
      proxyWallet: ids.address(this.world.seed, bits % WALLETS),
      side: buys ? 'BUY' : 'SELL',
      asset: this.world.tokenIds(market)[outcomeIndex] ?? '',
      conditionId: this.world.conditionId(market),
      size: Math.round(5 * Math.exp(unit(bits) * 6) * MICRO) / MICRO,
      price,
      timestamp,
      title: market.question,
      slug: market.slug,
      icon: `${PICTURES}/${market.event.picture}.png`,
      eventSlug: market.event.slug,
      outcome: market.outcomes[outcomeIndex] ?? '',
      outcomeIndex,
      name: '',
      pseudonym: '',
      bio: '',
      profileImage: '',
      profileImageOptimized: '',
      transactionHash: ids.conditionId(this.world.seed ^ 0x7a, bits),
    };
  }

  private tokens(market: MarketState): ClobMarket['tokens'] {
    const at = this.now();
    const tokenIds = this.world.tokenIds(market);
    const isClosed = phaseAt(market, at) === 'closed';
    const ended = isClosed && market.payout !== 'none';
    const { mid } = quoteAt(market, at);
    return market.outcomes.map((outcome, index) => ({
      tokenId: tokenIds[index] ?? '',
      outcome,
      price: ended ? finalPrice(market, index) : (index === 0 ? mid : MICRO - mid) / MICRO,
      winner: isClosed && (market.clobWinner ?? market.payout) === index,
    }));
  }

  private simplified(market: MarketState): Record<string, unknown> {
    const at = this.now();
    return {
      condition_id: this.world.conditionId(market),
      tokens: this.tokens(market)
        .slice(0, 2)
        .map(({ tokenId, outcome, price, winner }) => ({ token_id: tokenId, outcome, price, winner })),
      rewards: { rates: null, min_size: 0, max_spread: 0 },
      active: market.shape !== 'placeholder',
      closed: phaseAt(market, at) === 'closed',
      archived: market.archived,
      accepting_orders: acceptsOrders(market, at),
    };
  }

  private row(market: MarketState): Record<string, unknown> {
    const { event } = market;
    const isClosed = phaseAt(market, this.now()) === 'closed';
    const { tokens, rewards, ...state } = this.simplified(market);
    return {
      enable_order_book: hasOrderBook(market) && !isClosed,
      ...state,
      accepting_order_timestamp: hasOrderBook(market) ? isoSeconds(market.openAt) : null,
      minimum_order_size: market.shape === 'legacy' ? 15 : 5,
      minimum_tick_size: market.tickMicro / MICRO,
      question_id: this.world.questionId(market),
      question: market.question,
      description: event.rules,
      market_slug: market.slug,
      end_date_iso: isoSeconds(market.endAt - (market.endAt % 86_400)),
      game_start_time: event.sport === null ? null : isoSeconds(event.sport.gameStartAt),
      seconds_delay: event.sport?.secondsDelay ?? 0,
      fpmm: '',
      maker_base_fee: event.fees === null ? 0 : 1000,
      taker_base_fee: event.fees === null ? 0 : 1000,
      notifications_enabled: true,
      neg_risk: event.negRisk,
      neg_risk_market_id: event.negRisk ? ids.negRiskMarketId(this.world.seed, event.index) : '',
      neg_risk_request_id: event.negRisk ? ids.negRiskRequestId(this.world.seed, market.index) : '',
      icon: `${PICTURES}/${event.picture}.png`,
      image: `${PICTURES}/${event.picture}.png`,
      rewards,
      is_50_50_outcome: isClosed && market.payout === 'split',
      tokens,
      tags: event.tags.map((tag) => tag.label),
    };
  }
}

function finalPrice(market: MarketState, index: number): number {
  if (market.payout === 'split') return 1 / market.outcomes.length;
  return market.payout === index ? 1 : 0;
}
