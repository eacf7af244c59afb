import type { Leases } from '../src';
import type { CreateTimed } from './timed';

/**
 * What every `Leases` promises.
 * @param ttlMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheLeasesContract(ttlMs: number, create: CreateTimed<Leases>): void {
  it('knows who is alive in each role, by name', async () => {
    const { subject: leases } = await create();
    expect(await leases.list('live-worker')).toEqual([]);
    await leases.hold('live-worker', 'host-b:2', ttlMs);
    await leases.hold('live-worker', 'host-a:1', ttlMs);
    await leases.hold('live-worker', 'host-a:1', ttlMs);
    await leases.hold('api', 'host-c:3', ttlMs);
    expect(await leases.list('live-worker')).toEqual(['host-a:1', 'host-b:2']);
    expect(await leases.list('api')).toEqual(['host-c:3']);
  });

  it('ends a lease before its time, and no other', async () => {
    const { subject: leases } = await create();
    await leases.hold('worker', 'a', ttlMs);
    await leases.hold('worker', 'b', ttlMs);
    await leases.release('worker', 'a');
    await leases.release('worker', 'a');
    await leases.release('nobody', 'a');
    expect(await leases.list('worker')).toEqual(['b']);
  });

  it('forgets who does not renew, and takes back who returns', async () => {
    const { subject: leases, pass } = await create();
    await leases.hold('worker', 'dead', ttlMs);
    await leases.hold('worker', 'alive', ttlMs);
    await leases.hold('worker', 'alive', 3 * ttlMs);
    await pass(ttlMs);
    expect(await leases.list('worker')).toEqual(['alive']);
    await leases.hold('worker', 'dead', ttlMs);
    expect(await leases.list('worker')).toEqual(['alive', 'dead']);
  });
}
