import { drawEventKind, type EventPlan, legacyEventKind, type MarketPlan } from './event-plans';
import { type EventState, type MarketShape, type MarketState, type Payout, phaseAt } from './market-state';
import { hash2, Random } from './random';
import * as ids from './venue-ids';
import { slugify } from './vocabulary';

export interface WorldOptions {
  /** Same seed, size and epoch: same world. */
  seed: number;
  markets: number;
  /** The moment the world is generated around. */
  epoch: Date;
  /** Milliseconds; left out: stands still at the epoch until advanced. */
  clock?: () => number;
}

/** What an event has reached by the epoch. */
type EventFate = 'open' | 'overdue' | 'proposed' | 'disputed' | 'never_opened' | 'closed' | 'legacy';

const HOUR = 3_600;
const DAY = 86_400;
const FIRST_EVENT_ID = 2_890;
const EVENT_ID_STEP = 3;

/**
 * The simulated venue: every market with its life from creation to result, computed from a seed.
 *
 * Invariants: markets are in ascending order of id; slugs are unique; an event's markets follow each other. Known limitation: trades
 * of clients do not move prices.
 */
export class World {
  readonly markets: MarketState[] = [];
  readonly events: EventState[] = [];
  readonly seed: number;
  readonly epoch: number;
  private readonly bySlug = new Map<string, number>();
  private readonly eventBySlug = new Map<string, number>();
  private readonly clock: () => number;
  private readonly random: Random;
  private offsetMs = 0;
  private changes = 0;
  private readonly drawn = { open: 0, closed: 0, single: 0, fastOpen: 0 };

  constructor(options: WorldOptions) {
    this.seed = options.seed >>> 0;
    this.epoch = Math.floor(options.epoch.getTime() / 1000);
    const still = options.epoch.getTime();
    this.clock = options.clock ?? (() => still);
    this.random = new Random(this.seed);
    const legacy = Math.min(400, Math.ceil(options.markets * 0.02));
    while (this.markets.length < Math.min(legacy, options.markets)) this.createEvent('legacy', legacy);
    while (this.markets.length < options.markets) this.createEvent(null, options.markets);
  }

  /** Unix seconds of the world's clock. */
  now(): number {
    return Math.floor((this.clock() + this.offsetMs) / 1000);
  }

  nowMs(): number {
    return this.clock() + this.offsetMs;
  }

  /** Changes whenever an answer may have changed: by the control port, or as the world's minutes pass. */
  revision(): string {
    return `${this.changes}:${Math.floor(this.now() / 60)}`;
  }

  advance(seconds: number): void {
    this.offsetMs += seconds * 1000;
    this.changes += 1;
  }

  market(index: number): MarketState {
    const market = this.markets[index];
    if (market === undefined) throw new RangeError(`no market at ${index}`);
    return market;
  }

  event(index: number): EventState {
    const event = this.events[index];
    if (event === undefined) throw new RangeError(`no event at ${index}`);
    return event;
  }

  marketsOf(event: EventState): MarketState[] {
    return this.markets.slice(event.first, event.first + event.count);
  }

  findBySlug(slug: string): MarketState | null {
    const index = this.bySlug.get(slug);
    return index === undefined ? null : this.market(index);
  }

  findById(id: number): MarketState | null {
    let low = 0;
    let high = this.markets.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const market = this.market(middle);
      if (market.id === id) return market;
      if (market.id < id) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  findByConditionId(conditionId: string): MarketState | null {
    const index = ids.indexOfConditionId(this.seed, conditionId);
    const market = index === null ? undefined : this.markets[index];
    return market === undefined || market.shape === 'no_condition' ? null : market;
  }

  findByTokenId(tokenId: string): { market: MarketState; outcome: number } | null {
    const owner = ids.ownerOfTokenId(this.seed, tokenId);
    const market = owner === null ? undefined : this.markets[owner.index];
    if (owner === null || market === undefined || owner.outcome >= market.outcomes.length) return null;
    return this.tokenIds(market).length === 0 ? null : { market, outcome: owner.outcome };
  }

  findEventBySlug(slug: string): EventState | null {
    const index = this.eventBySlug.get(slug);
    return index === undefined ? null : this.event(index);
  }

  findEventById(id: number): EventState | null {
    return this.events[(id - FIRST_EVENT_ID) / EVENT_ID_STEP] ?? null;
  }

  conditionId(market: MarketState): string {
    return market.shape === 'no_condition' ? '' : ids.conditionId(this.seed, market.index);
  }

  questionId(market: MarketState): string {
    const { event } = market;
    return event.negRisk
      ? ids.negRiskQuestionId(this.seed, event.index, market.index - event.first)
      : ids.questionId(this.seed, market.index);
  }

  /** One per outcome; none on a third of the legacy rows and on rows without a condition. */
  tokenIds(market: MarketState): string[] {
    if (market.shape === 'no_condition' || (market.shape === 'legacy' && market.seed % 3 === 0)) return [];
    return market.outcomes.map((_, outcome) => ids.tokenId(this.seed, market.index, outcome));
  }

  /** USD traded so far. */
  volume(market: MarketState, at: number): number {
    const until = Math.min(at, market.closeAt);
    if (market.volume === 0 || until <= this.epoch) return market.volume;
    const steps = Math.floor((until - this.epoch) / market.stepSeconds);
    return market.volume * (1 + (steps * market.stepSeconds) / (120 * DAY));
  }

  // The control port's changes.

  setPrice(market: MarketState, priceMicro: number): void {
    market.fixedPriceMicro = priceMicro;
    this.touch(market);
  }

  setTick(market: MarketState, tickMicro: number): void {
    market.tickMicro = tickMicro;
    this.touch(market);
  }

  /** Closes now; `none` leaves the prices where they are, without a result. */
  close(market: MarketState, payout: Payout): void {
    market.closeAt = this.now();
    market.payout = payout;
    this.touch(market);
  }

  reopen(market: MarketState): void {
    market.closeAt = Infinity;
    market.proposedAt = Infinity;
    market.disputedAt = Infinity;
    market.payout = 'none';
    this.touch(market);
  }

  propose(market: MarketState, disputed: boolean): void {
    market.proposedAt = this.now();
    market.disputedAt = disputed ? this.now() : Infinity;
    market.closeAt = Infinity;
    this.touch(market);
  }

  setHalted(market: MarketState, halted: boolean): void {
    market.halted = halted;
    this.touch(market);
  }

  setClobWinner(market: MarketState, winner: MarketState['clobWinner']): void {
    market.clobWinner = winner;
    this.touch(market);
  }

  setUmaStatus(market: MarketState, status: string | null): void {
    market.umaStatus = status;
    this.touch(market);
  }

  setQuestion(market: MarketState, question: string): void {
    market.question = question;
    this.touch(market);
  }

  setArchived(market: MarketState, archived: boolean): void {
    market.archived = archived;
    this.touch(market);
  }

  /** @throws RangeError when another market has the slug. */
  rename(market: MarketState, slug: string): void {
    if (this.bySlug.has(slug)) throw new RangeError(`slug ${slug} is taken`);
    this.bySlug.delete(market.slug);
    this.bySlug.set(slug, market.index);
    market.slug = slug;
    this.touch(market);
  }

  /** Opens `count` new markets now. */
  addMarkets(count: number): MarketState[] {
    const before = this.markets.length;
    while (this.markets.length < before + count) this.createEvent('open', before + count, this.now());
    this.changes += 1;
    return this.markets.slice(before);
  }

  private touch(market: MarketState): void {
    market.touchedAt = this.now();
    this.changes += 1;
  }

  // Generation.

  private drawFate(lifetime: number): EventFate {
    if (!this.random.chance(0.46)) return 'closed';
    this.drawn.open += 1;
    if (lifetime <= DAY) {
      this.drawn.fastOpen += 1;
      return this.drawn.fastOpen % 6 === 2 ? 'never_opened' : 'open';
    }
    if (this.drawn.open % 12 === 3) return 'overdue';
    if (this.drawn.open % 17 === 5) return 'proposed';
    return this.drawn.open % 31 === 9 ? 'disputed' : 'open';
  }

  /** @param bornAt creation time of a market added later; left out, drawn around the epoch */
  private createEvent(given: EventFate | null, upTo: number, bornAt?: number): void {
    const { random, epoch } = this;
    const kind = given === 'legacy' ? legacyEventKind(random) : drawEventKind(random);
    const fate = given ?? this.drawFate(kind.lifetime);
    const scheduled = Math.round(this.drawEnd(fate, kind.lifetime, bornAt) / 60) * 60;
    const plan = kind.write(scheduled);
    const endAt = plan.crypto === null ? scheduled : plan.crypto.startAt + (plan.crypto.duration === '5m' ? 300 : 900);
    const createdAt = bornAt ?? Math.min(endAt - kind.lifetime, epoch - HOUR);
    const index = this.events.length;
    const planned = plan.markets.slice(0, upTo - this.markets.length);
    const event: EventState = {
      index,
      id: FIRST_EVENT_ID + index * EVENT_ID_STEP,
      slug: this.uniqueSlug(plan.slug ?? slugify(plan.title), this.eventBySlug),
      title: plan.title,
      rules: plan.rules,
      resolutionSource: plan.resolutionSource,
      picture: plan.picture,
      category: plan.category,
      tags: plan.tags,
      series: plan.series,
      fees: plan.fees,
      negRisk: plan.negRisk,
      augmented: plan.augmented,
      sport:
        plan.gameStartAt === null
          ? null
          : {
              gameStartAt: plan.gameStartAt,
              gameId: (1_400_000 + (hash2(this.seed, index) % 99_999)).toString(),
              secondsDelay: plan.secondsDelay,
            },
      crypto: plan.crypto,
      createdAt,
      endAt,
      first: this.markets.length,
      count: planned.length,
    };
    this.events.push(event);
    this.eventBySlug.set(event.slug, index);
    const winner = this.drawWinner(planned);
    const early = planned.length > 1 && !plan.negRisk;
    planned.forEach((market, position) =>
      this.createMarket(event, plan, market, { fate, early, won: position === winner }),
    );
  }

  private drawEnd(fate: EventFate, lifetime: number, bornAt: number | undefined): number {
    const { random, epoch } = this;
    if (bornAt !== undefined) return bornAt + lifetime;
    switch (fate) {
      case 'open':
        return epoch + Math.max(HOUR, lifetime * random.fraction() * 0.95);
      case 'overdue':
        return epoch - random.logUniform(HOUR, 30 * DAY);
      case 'never_opened':
        return epoch - random.logUniform(20 * DAY, 60 * DAY);
      case 'proposed':
        return epoch - random.logUniform(2 * HOUR, 4 * HOUR);
      case 'disputed':
        return epoch - random.logUniform(6 * HOUR, 4 * DAY);
      case 'closed':
        return epoch - random.logUniform(2 * DAY, 900 * DAY);
      case 'legacy':
        return 1_601_500_000 + Math.floor(random.fraction() * 20_000_000);
    }
  }

  private drawWinner(planned: readonly MarketPlan[]): number {
    let place =
      this.random.fraction() * planned.reduce((sum, market) => sum + (market.placeholder ? 0 : market.chance), 0);
    for (const [position, market] of planned.entries()) {
      if (market.placeholder) continue;
      place -= market.chance;
      if (place < 0) return position;
    }
    return 0;
  }

  private createMarket(
    event: EventState,
    plan: EventPlan,
    planned: MarketPlan,
    draw: { fate: EventFate; early: boolean; won: boolean },
  ): void {
    const { random } = this;
    const index = this.markets.length;
    const seed = hash2(this.seed ^ 0x5eed, index);
    const shape = this.drawShape(draw.fate, planned);
    const createdAt = event.createdAt + (seed % 900);
    const life = this.drawLife(event, draw, planned, createdAt);
    const traded = shape === 'standard' || shape === 'legacy' || shape === 'no_condition';
    const volume = traded ? Math.round(random.logUniform(40, 900_000) * plan.appeal * 1e6) / 1e6 : 0;
    const step = plan.crypto !== null ? 60 : random.pick([60, 600, 3_600, 3_600, 21_600, 21_600, 86_400, 86_400]);
    const market: MarketState = {
      index,
      id: draw.fate === 'legacy' ? 12 + index * 3 : 500_000 + index * 7 + (seed % 5),
      event,
      seed,
      shape,
      question: planned.question,
      slug: this.uniqueSlug(planned.slug ?? slugify(planned.question), this.bySlug),
      groupTitle: planned.groupTitle,
      outcomes: planned.outcomes,
      other: planned.other ?? false,
      archived: draw.fate === 'closed' && this.drawn.closed % 37 === 9,
      sportsMarketType: planned.sportsMarketType ?? null,
      line: planned.line ?? null,
      createdAt,
      openAt: Math.min(createdAt + HOUR, event.endAt - 60),
      endAt: event.endAt,
      ...life,
      halted: false,
      clobWinner: null,
      umaStatus: null,
      tickMicro: random.pick(plan.ticks),
      stepSeconds: step,
      baseLogit: Math.log(planned.chance / (1 - Math.min(0.995, planned.chance))),
      volatility: 0.1 + random.fraction() * 0.35,
      noBids: planned.chance < 0.06 && seed % 3 === 0,
      volume: volume + (seed % 2 === 0 ? volume * 2 ** -49 : 0),
      liquidity: traded ? Math.round(volume * (0.01 + random.fraction() * 0.2) * 1e4) / 1e4 : 0,
      fixedPriceMicro: null,
      touchedAt: 0,
    };
    this.markets.push(market);
    this.bySlug.set(market.slug, index);
  }

  private drawShape(fate: EventFate, planned: MarketPlan): MarketShape {
    if (fate === 'legacy') return 'legacy';
    if (fate === 'never_opened') return 'never_opened';
    if (planned.placeholder) return 'placeholder';
    if (fate !== 'closed') return 'standard';
    this.drawn.closed += 1;
    return this.drawn.closed % 211 === 60 ? 'no_condition' : 'standard';
  }

  private drawLife(
    event: EventState,
    draw: { fate: EventFate; early: boolean; won: boolean },
    planned: MarketPlan,
    createdAt: number,
  ): Pick<MarketState, 'proposedAt' | 'disputedAt' | 'closeAt' | 'payout'> {
    const { random, epoch } = this;
    const open = { proposedAt: Infinity, disputedAt: Infinity, closeAt: Infinity, payout: 'none' as Payout };
    switch (draw.fate) {
      case 'overdue':
      case 'never_opened':
        return open;
      case 'proposed':
        return {
          ...open,
          proposedAt: event.endAt + 600,
          closeAt: epoch + HOUR,
          payout: this.drawPayout(event, draw, planned),
        };
      case 'disputed':
        return {
          ...open,
          proposedAt: event.endAt + 600,
          disputedAt: event.endAt + HOUR,
          closeAt: epoch + 3 * DAY,
          payout: this.drawPayout(event, draw, planned),
        };
      case 'legacy':
        return { ...open, closeAt: event.endAt + HOUR, payout: 'none' };
      case 'open':
      case 'closed': {
        const payout = this.drawPayout(event, draw, planned);
        if (event.crypto !== null) return { ...open, closeAt: event.endAt + 16 + random.int(0, 4), payout };
        const soonest = Math.max(createdAt + 2 * HOUR, epoch - 20 * DAY);
        const early = draw.fate === 'open' && draw.early && random.chance(0.15) && soonest < epoch - 3 * HOUR;
        const proposedAt = early ? random.int(soonest, epoch - 3 * HOUR) : event.endAt + random.int(60, 5 * HOUR);
        const round = random.chance(0.03) ? 2 * DAY : 2 * HOUR;
        return {
          proposedAt,
          disputedAt: round > DAY ? proposedAt + HOUR : Infinity,
          closeAt: proposedAt + round,
          payout,
        };
      }
    }
  }

  private drawPayout(event: EventState, draw: { won: boolean }, planned: MarketPlan): Payout {
    if (event.negRisk) return draw.won ? 0 : 1;
    this.drawn.single += 1;
    if (this.drawn.single % 29 === 7 && event.crypto === null) return 'split';
    return this.random.chance(planned.chance) ? 0 : 1;
  }

  private uniqueSlug(base: string, taken: ReadonlyMap<string, number>): string {
    if (!taken.has(base)) return base;
    for (let attempt = 0; ; attempt += 1) {
      const slug = `${base}-${100 + (hash2(taken.size, attempt) % (attempt < 4 ? 900 : 900_000))}`;
      if (!taken.has(slug)) return slug;
    }
  }
}

/** How many markets are in which state, for the banner and the control port. */
export function countWorld(world: World): Record<string, number> {
  const at = world.now();
  const counts: Record<string, number> = { markets: world.markets.length, events: world.events.length };
  const count = (key: string): void => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const market of world.markets) {
    count(`phase_${phaseAt(market, at)}`);
    count(`shape_${market.shape}`);
    if (market.archived) count('archived');
  }
  return counts;
}
