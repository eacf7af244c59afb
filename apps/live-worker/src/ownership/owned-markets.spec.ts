import { InProcessLeases, InProcessLocks } from '@app/platform';
import { ManualClock } from '@app/testing';
import { OwnedMarkets } from './owned-markets';

const TTL_MS = 4_000;
const market = (number: number): string => `0x${number.toString(16).padStart(64, '0')}`;
const WANTED = new Set(Array.from({ length: 100 }, (_, index) => market(index)));

let clock: ManualClock;
let leases: InProcessLeases;
let locks: InProcessLocks;

beforeEach(() => {
  clock = new ManualClock();
  leases = new InProcessLeases(clock);
  locks = new InProcessLocks(clock);
});

const anInstance = (name: string): OwnedMarkets => new OwnedMarkets(name, leases, locks, clock, TTL_MS);
const heldBy = (one: OwnedMarkets): string[] => [...WANTED].filter((id) => one.heldUntil(id) > clock.now().getTime());

/** Renews, and gives up what is surplus, as the runner does. */
async function round(one: OwnedMarkets, wanted: ReadonlySet<string> = WANTED): Promise<void> {
  one.dropOverdue();
  const { surplus } = await one.renew(wanted);
  await one.release(surplus);
}

it('shares markets between instances, each held once, and hands over to one that comes', async () => {
  const [first, second] = [anInstance('first'), anInstance('second')];
  await round(first);
  expect(heldBy(first)).toHaveLength(100);
  await round(second);
  expect(heldBy(second)).toEqual([]);
  await round(first);
  await round(second);
  expect([...heldBy(first), ...heldBy(second)].sort()).toEqual([...WANTED].sort());
  expect(heldBy(first).length).toBeGreaterThan(25);
  expect(heldBy(second).length).toBeGreaterThan(25);
});

it('takes over from an instance that was killed when its lease has run out, and not before', async () => {
  const [killed, other] = [anInstance('killed'), anInstance('other')];
  await round(killed);
  await round(other);
  await round(killed);
  await round(other);
  const before = heldBy(other).length;
  clock.advance(TTL_MS - 1);
  await round(other);
  expect(heldBy(other)).toHaveLength(before);
  clock.advance(1);
  await round(other);
  expect(heldBy(other)).toHaveLength(100);
});

it('counts what it could not renew in time as lost, before anybody else can have it', async () => {
  const [stopped, other] = [anInstance('stopped'), anInstance('other')];
  await round(stopped);
  clock.advance(TTL_MS);
  expect(heldBy(stopped)).toEqual([]);
  await round(other);
  expect(stopped.dropOverdue().sort()).toEqual([...WANTED].sort());
  expect(stopped.dropOverdue()).toEqual([]);
});

it('tells what it lost when it comes late, and what nobody wants any more', async () => {
  const one = anInstance('one');
  await one.renew(WANTED);
  await locks.release([`book:${market(3)}`], 'one');
  await locks.acquire([`book:${market(3)}`], 'thief', TTL_MS);
  const change = await one.renew(new Set([market(3), market(4)]));
  expect(change.lost).toEqual([market(3)]);
  expect(change.gained).toEqual([]);
  expect(change.surplus).toHaveLength(98);
});

it('gives everything back when it leaves', async () => {
  const [first, second] = [anInstance('first'), anInstance('second')];
  await round(first);
  await first.leave();
  await round(second);
  expect(heldBy(second)).toHaveLength(100);
});
