import { microPrice, VenueMarket } from '@app/domain';
import { MarketFingerprint } from '@app/persistence';
import { aVenueMarket } from '@app/testing';
import { fingerprintsAfter, IncomingMarket, planBatch } from './batch-plan';

const T0 = new Date('2026-11-22T10:00:00Z');
const T1 = new Date('2026-11-22T10:05:00Z');
const T2 = new Date('2026-11-22T10:10:00Z');

const incoming = (overrides: Partial<VenueMarket> = {}, contentHash = 'new', fetchedAt = T1): IncomingMarket => ({
  market: aVenueMarket({ slug: 'm', gammaId: '5', ...overrides }),
  fetchedAt,
  contentHash,
});

function stored(overrides: Partial<MarketFingerprint> = {}): Map<string, MarketFingerprint> {
  const write = {
    market: aVenueMarket({ slug: 'm', gammaId: '5' }),
    contentHash: 'old',
    previous: null,
    fetchedAt: T0,
  };
  const [[slug, fingerprint]] = [...fingerprintsAfter([write], T0)] as [[string, MarketFingerprint]];
  return new Map([[slug, { ...fingerprint, ...overrides }]]);
}

describe('planning a batch', () => {
  it('writes what is not stored, and calls it an addition only once the catalogue is filled', () => {
    expect(planBatch([incoming()], new Map(), T2, true)).toMatchObject({
      writes: [{ previous: null, fetchedAt: T1 }],
      changes: [{ slug: 'm', kind: 'added', at: T2, key: 'm:added:new' }],
      unchanged: 0,
    });
    expect(planBatch([incoming()], new Map(), T2, false).changes).toEqual([]);
  });

  it('writes nothing of what is stored with the same content', () => {
    expect(planBatch([incoming({}, 'old')], stored(), T2, true)).toEqual({
      writes: [],
      changes: [],
      unchanged: 1,
      failures: [],
    });
  });

  it('names the stored version a change leaves, so that the same change has the same key', () => {
    const closed = incoming({ closed: true, tickSize: microPrice(1_000n) });
    const keys = (now: Date): string[] => planBatch([closed], stored(), now, false).changes.map(({ key }) => key);
    expect(keys(T1)).toEqual([`m:closed:${T0.getTime()}`, `m:tick_changed:${T0.getTime()}`]);
    expect(keys(T2)).toEqual(keys(T1));
  });

  it('leaves alone what was fetched later by somebody else', () => {
    expect(planBatch([incoming()], stored({ lastSyncedAt: T2 }), T2, true)).toMatchObject({ writes: [], unchanged: 1 });
  });

  it('takes the later of two rows with one slug', () => {
    const plan = planBatch([incoming({ question: 'first' }), incoming({ question: 'second' })], new Map(), T2, true);
    expect(plan.writes.map(({ market }) => market.question)).toEqual(['second']);
    expect(plan.failures).toEqual([]);
  });

  it('gives a contested slug to the newer market and says so of the other', () => {
    const both = [incoming({ gammaId: '10' }), incoming({ gammaId: '9' })];
    const plan = planBatch(both, new Map(), T2, true);
    expect(plan.writes.map(({ market }) => market.gammaId)).toEqual(['10']);
    expect(plan.failures).toEqual([{ path: 'market m', reason: 'the slug belongs to the newer market 10', id: '9' }]);
    expect(planBatch(both.toReversed(), new Map(), T2, true)).toMatchObject({
      writes: [{ market: { gammaId: '10' } }],
      failures: [{ id: '9' }],
    });
    expect(planBatch([incoming({ gammaId: '4' })], stored(), T2, true)).toMatchObject({
      writes: [],
      failures: [{ id: '4' }],
    });
  });
});

it('foretells what a batch leaves behind: the first sight is kept, the version is new', () => {
  const previous = stored().get('m') ?? null;
  const write = { market: aVenueMarket({ slug: 'm', closed: true }), contentHash: 'new', previous, fetchedAt: T1 };
  expect(fingerprintsAfter([write], T2).get('m')).toMatchObject({
    contentHash: 'new',
    closed: true,
    createdAt: T0,
    firstSyncedAt: T0,
    lastSyncedAt: T1,
    updatedAt: T2,
  });
});
