import { z } from 'zod';
import { type Answer, type Call, json, parse, rawJson } from './http/answer';
import { type Faults, faultSchema } from './http/faults';
import type { RequestLog } from './http/request-log';
import type { GammaCatalogue } from './gamma-catalogue';
import type { StreamControl } from './stream/stream-control';
import { isActive, type MarketState } from './world/market-state';
import { countWorld, type World } from './world/world';

/** A change to one market: exactly what the named keys say. */
const changeSchema = z.strictObject({
  /** Price of the first outcome, 0..1. */
  price: z.number().gt(0).lt(1).optional(),
  tick_size: z
    .union([z.literal(0.1), z.literal(0.01), z.literal(0.005), z.literal(0.0025), z.literal(0.001), z.literal(0.0001)])
    .optional(),
  question: z.string().min(1).optional(),
  slug: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  archived: z.boolean().optional(),
  /** Index of the winning outcome, or "split" for equal parts. */
  resolve: z.union([z.number().int().min(0), z.literal('split')]).optional(),
  /** True closes without a result, false opens again. */
  closed: z.boolean().optional(),
  /** A result is proposed, or disputed. */
  uma_resolution_status: z.enum(['proposed', 'disputed']).optional(),
  /** True stops taking orders while the market stays open. */
  halted: z.boolean().optional(),
  /** UMA status Gamma shows whatever the state of the market; null: the one that goes with it. */
  shown_uma_status: z.string().min(1).nullable().optional(),
  /** Winner the CLOB names of a closed market: an outcome's index, or "none"; null: the one of `resolve`. */
  clob_winner: z
    .union([z.number().int().min(0), z.literal('none')])
    .nullable()
    .optional(),
});

const faultsSchema = z.preprocess(
  (given) => (Array.isArray(given) ? (given as unknown[]) : [given]),
  z.array(faultSchema),
);
const countSchema = z.strictObject({ count: z.number().int().min(1).max(100_000) });
const tickSchema = z.strictObject({
  seconds: z
    .number()
    .int()
    .min(0)
    .max(10 * 366 * 86_400),
});

function whole(query: URLSearchParams, name: string, fallback: number): number {
  const value = Number(query.get(name) ?? fallback);
  return Number.isInteger(value) && value >= 0 ? value : fallback;
}

/** The control port: what tests and demos use to look behind the venue and to disturb it. */
export class ControlRoutes {
  constructor(
    private readonly log: RequestLog,
    private readonly faults: Faults,
    private readonly catalogue: GammaCatalogue,
    /** Null in replay, where there is nothing to change. */
    private readonly world: World | null,
    private readonly stream: StreamControl,
  ) {}

  answer(call: Call): Answer {
    const streamed = this.stream.answer(call);
    if (streamed !== null) return streamed;
    switch (`${call.method} ${call.path}`) {
      case 'GET /requests':
        return json(this.log.report());
      case 'POST /reset':
        this.log.reset();
        this.faults.clear();
        this.stream.heal();
        return json({ reset: true });
      case 'GET /faults':
        return json(this.faults.list());
      case 'POST /faults':
        return this.addFaults(call.body);
      case 'GET /markets':
        return this.listMarkets(call.query);
    }
    if (this.world === null) return json({ error: `no ${call.method} ${call.path}` }, 404);
    const answer = this.onWorld(this.world, call);
    if (call.method === 'POST') this.stream.refresh();
    return answer;
  }

  private onWorld(world: World, call: Call): Answer {
    switch (`${call.method} ${call.path}`) {
      case 'GET /world':
        return this.describe(world, call.query);
      case 'POST /tick':
        return this.tick(world, call.body);
      case 'POST /markets':
        return this.addMarkets(world, call.body);
    }
    const slug = /^\/markets\/([^/]+)$/.exec(call.path)?.[1];
    if (call.method === 'POST' && slug !== undefined) return this.changeMarket(world, slug, call.body);
    return json({ error: `no ${call.method} ${call.path}` }, 404);
  }

  private addFaults(body: string): Answer {
    const parsed = parse(faultsSchema, body);
    if ('answer' in parsed) return parsed.answer;
    for (const fault of parsed.value) this.faults.add(fault);
    return json({ waiting: this.faults.list().length });
  }

  /** `listed=true` leaves out what the cursor lists never show: inactive and archived markets. */
  private listMarkets(query: URLSearchParams): Answer {
    const from = whole(query, 'from', 0);
    const limit = whole(query, 'limit', 100);
    const listedOnly = query.get('listed') === 'true';
    const rows: string[] = [];
    let position = from;
    for (; position < this.catalogue.marketCount && rows.length < limit; position += 1) {
      const flags = this.catalogue.marketFlags(position);
      if (!listedOnly || (flags.active && !flags.archived))
        rows.push(this.catalogue.marketParts(position, true).join(''));
    }
    const next = position < this.catalogue.marketCount ? position.toString() : 'null';
    return rawJson(`{"total":${this.catalogue.marketCount},"next":${next},"markets":[${rows.join(',')}]}`);
  }

  /** Counts, and with `ids=true` every market's ids. */
  private describe(world: World, query: URLSearchParams): Answer {
    const listed = world.markets.filter((market) => isActive(market) && !market.archived);
    const summary = {
      seed: world.seed,
      epoch: new Date(world.epoch * 1000).toISOString(),
      now: new Date(world.nowMs()).toISOString(),
      counts: countWorld(world),
      /** Markets the cursor lists show. */
      listed: listed.length,
    };
    if (query.get('ids') !== 'true') return json(summary);
    const at = world.now();
    const rows = world.markets.map((market) => ({
      id: market.id.toString(),
      slug: market.slug,
      condition_id: world.conditionId(market),
      closed: at >= market.closeAt,
      listed: isActive(market) && !market.archived,
    }));
    return json({ ...summary, markets: rows });
  }

  private tick(world: World, body: string): Answer {
    const parsed = parse(tickSchema, body);
    if ('answer' in parsed) return parsed.answer;
    world.advance(parsed.value.seconds);
    return json({ now: new Date(world.nowMs()).toISOString() });
  }

  private addMarkets(world: World, body: string): Answer {
    const parsed = parse(countSchema, body);
    if ('answer' in parsed) return parsed.answer;
    const markets = world.addMarkets(parsed.value.count);
    this.stream.announceNew(markets);
    return json({ slugs: markets.map((market) => market.slug) });
  }

  private changeMarket(world: World, slug: string, body: string): Answer {
    const market = world.findBySlug(decodeURIComponent(slug));
    if (market === null) return json({ error: 'market not found' }, 404);
    const parsed = parse(changeSchema, body);
    if ('answer' in parsed) return parsed.answer;
    const change = parsed.value;
    if (change.slug !== undefined && change.slug !== market.slug && world.findBySlug(change.slug) !== null) {
      return json({ error: `slug ${change.slug} is taken` }, 409);
    }
    for (const key of ['resolve', 'clob_winner'] as const) {
      const index = change[key];
      if (typeof index === 'number' && index >= market.outcomes.length) {
        return json({ error: `${key}: the market has ${market.outcomes.length} outcomes` }, 422);
      }
    }
    applyChange(world, market, change);
    return rawJson(this.catalogue.marketParts(market.index, true));
  }
}

function applyChange(world: World, market: MarketState, change: z.infer<typeof changeSchema>): void {
  if (change.price !== undefined) world.setPrice(market, Math.round(change.price * 1_000_000));
  if (change.tick_size !== undefined) world.setTick(market, Math.round(change.tick_size * 1_000_000));
  if (change.question !== undefined) world.setQuestion(market, change.question);
  if (change.archived !== undefined) world.setArchived(market, change.archived);
  if (change.uma_resolution_status !== undefined) world.propose(market, change.uma_resolution_status === 'disputed');
  if (change.closed === true) world.close(market, 'none');
  if (change.closed === false) world.reopen(market);
  if (change.resolve !== undefined) world.close(market, change.resolve);
  if (change.halted !== undefined) world.setHalted(market, change.halted);
  if (change.shown_uma_status !== undefined) world.setUmaStatus(market, change.shown_uma_status);
  if (change.clob_winner !== undefined) world.setClobWinner(market, change.clob_winner);
  if (change.slug !== undefined && change.slug !== market.slug) world.rename(market, change.slug);
}
