import { type MarketState, phaseAt } from './market-state';
import { World, countWorld } from './world';
import { WorldCatalogue } from './world-catalogue';

const EPOCH = new Date('2026-11-01T12:00:00Z');
const SIZE = 2_500;

function build(seed = 1, markets = SIZE): World {
  return new World({ seed, markets, epoch: EPOCH });
}

function textOf(world: World, position: number): string {
  return new WorldCatalogue(world).marketParts(position, true).join('');
}

function first(world: World, found: (market: MarketState) => boolean): MarketState {
  const market = world.markets.find(found);
  if (market === undefined) throw new Error('the world has no such market');
  return market;
}

describe('the simulated world', () => {
  const world = build();
  const at = world.now();

  it('is the same for the same seed, and another for another', () => {
    const positions = [0, 60, 777, SIZE - 1];
    const texts = (of: World): string[] => positions.map((position) => textOf(of, position));
    expect(texts(build())).toEqual(texts(world));
    expect(texts(build(2))).not.toEqual(texts(world));
  });

  it('has as many markets as asked for, ids ascending and slugs unique', () => {
    expect(world.markets).toHaveLength(SIZE);
    expect(world.markets.every((market, index) => index === 0 || market.id > world.market(index - 1).id)).toBe(true);
    expect(new Set(world.markets.map((market) => market.slug)).size).toBe(SIZE);
    expect(new Set(world.events.map((event) => event.slug)).size).toBe(world.events.length);
  });

  it.each(['legacy', 'standard', 'placeholder', 'never_opened', 'no_condition'])(
    'has markets of the shape %s',
    (shape) => {
      expect(countWorld(world)[`shape_${shape}`]).toBeGreaterThan(0);
    },
  );

  it.each(['open', 'proposed', 'disputed', 'closed', 'unopened'])('has markets in the phase %s', (phase) => {
    expect(countWorld(world)[`phase_${phase}`]).toBeGreaterThan(0);
  });

  it('has markets open beyond their end date, resolved to equal parts, archived, and of every family of events', () => {
    expect(world.markets.some((market) => phaseAt(market, at) === 'open' && market.endAt < at)).toBe(true);
    expect(world.markets.some((market) => market.payout === 'split' && market.closeAt < at)).toBe(true);
    expect(world.markets.some((market) => market.archived)).toBe(true);
    expect(world.events.some((event) => event.sport !== null)).toBe(true);
    expect(world.events.some((event) => event.crypto !== null)).toBe(true);
    expect(world.events.some((event) => event.negRisk && event.augmented)).toBe(true);
    expect(world.events.some((event) => !event.negRisk && event.count > 1)).toBe(true);
    expect(new Set(world.markets.map((market) => market.tickMicro))).toEqual(new Set([1_000, 2_500, 5_000, 10_000]));
    expect(world.markets.some((market) => market.outcomes.length > 2)).toBe(true);
  });

  it('resolves one market of an ended neg-risk event to yes, and never two', () => {
    const ended = world.events.filter((event) => event.negRisk && event.endAt < at - 10 * 86_400);
    const winners = ended.map(
      (event) =>
        world.marketsOf(event).filter((market) => market.payout === 0 && market.shape !== 'never_opened').length,
    );
    expect(ended.length).toBeGreaterThan(10);
    expect(winners.filter((count) => count > 1)).toEqual([]);
    expect(winners.filter((count) => count === 1).length).toBeGreaterThan(ended.length * 0.8);
  });

  it('finds a market by each of its names', () => {
    const market = first(world, (candidate) => candidate.shape === 'standard' && candidate.event.negRisk);
    expect(world.findBySlug(market.slug)).toBe(market);
    expect(world.findById(market.id)).toBe(market);
    expect(world.findByConditionId(world.conditionId(market))).toBe(market);
    const [yes = '', no = ''] = world.tokenIds(market);
    expect(world.findByTokenId(yes)).toEqual({ market, outcome: 0 });
    expect(world.findByTokenId(no)).toEqual({ market, outcome: 1 });
    expect(world.findByConditionId(world.questionId(market))).toBeNull();
    expect(world.findByTokenId('123')).toBeNull();
    expect(world.findById(market.id + 1)).toBeNull();
  });

  it('closes and resolves markets as its clock advances', () => {
    const moving = build();
    const closed = (): number => moving.markets.filter((market) => moving.now() >= market.closeAt).length;
    const before = closed();
    moving.advance(40 * 86_400);
    expect(moving.now()).toBe(at + 40 * 86_400);
    expect(closed()).toBeGreaterThan(before + 100);
  });

  it('answers the same bytes until a price moves', () => {
    const moving = build();
    const catalogue = new WorldCatalogue(moving);
    const lists = (): string[] => moving.markets.map((market) => catalogue.marketParts(market.index, false)[0] ?? '');
    const before = lists();
    moving.advance(1);
    const changed = lists().filter((text, index) => text !== before[index]);
    expect(changed.length).toBeLessThan(SIZE / 20);
  });

  it('keeps a market in every index when it is renamed', () => {
    const own = build(3, 200);
    const market = own.market(150);
    const before = market.slug;
    own.rename(market, 'a-new-name');
    expect(own.findBySlug('a-new-name')).toBe(market);
    expect(own.findBySlug(before)).toBeNull();
    expect(() => own.rename(own.market(151), 'a-new-name')).toThrow(RangeError);
  });

  it('adds markets that open now', () => {
    const own = build(3, 200);
    const before = own.revision();
    const added = own.addMarkets(25);
    expect(added).toHaveLength(25);
    expect(own.markets).toHaveLength(225);
    expect(own.revision()).not.toBe(before);
    expect(added.every((market) => own.now() < market.closeAt && own.findBySlug(market.slug) === market)).toBe(true);
  });
});
