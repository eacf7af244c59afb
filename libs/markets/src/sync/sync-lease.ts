import { SyncKind, SyncLease, SyncStateRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { formatHolder, isCertainlyGone, LeaseHolder, parseHolder, thisProcess } from './lease-holder';

/** A lease lasts this long without being renewed, milliseconds. */
export const LEASE_MS = 30_000;
const RENEW_EVERY_MS = LEASE_MS / 3;

/** The run was taken over by another process, or could not be kept for as long as the lease lasts. */
export class LeaseLostError extends Error {
  constructor() {
    super('the right to run passed to another process');
    this.name = 'LeaseLostError';
  }
}

/** A lease that is renewed until it is given back. */
export interface HeldLease {
  readonly token: number;
  /** Aborted with a {@link LeaseLostError} when the lease is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Takes the lease, from a dead process at once, from others when it has run out. Returns who holds it when it cannot be had. */
export async function takeLease(
  states: SyncStateRepository,
  clock: Clock,
  kind: SyncKind,
  self: LeaseHolder = thisProcess(),
): Promise<{ held: HeldLease } | { busy: SyncLease | null }> {
  const now = clock.now();
  const current = await states.findLease();
  const currentHolder = current === null ? null : parseHolder(current.holder);
  const gone = current !== null && currentHolder !== null && isCertainlyGone(currentHolder, self);
  const lease = await states.acquireLease(
    {
      holder: formatHolder(self),
      kind,
      until: new Date(now.getTime() + LEASE_MS),
      ...(gone ? { deadHolder: current.holder } : {}),
    },
    now,
  );
  if (lease === null) return { busy: await states.findLease() };
  return { held: keep(states, clock, lease) };
}

function keep(states: SyncStateRepository, clock: Clock, lease: SyncLease): HeldLease {
  const lost = new AbortController();
  let until = lease.until;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    const now = clock.now();
    const next = new Date(now.getTime() + LEASE_MS);
    try {
      if (await states.renewLease(lease, next, now)) until = next;
      else lost.abort(new LeaseLostError());
    } catch {
      // The store may be back before the lease runs out.
      if (clock.now() >= until) lost.abort(new LeaseLostError());
    }
  };
  const timer = setInterval(() => {
    renewal = renewal.then(renew);
  }, RENEW_EVERY_MS);
  return {
    token: lease.token,
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      await renewal;
      await states.releaseLease(lease, clock.now());
    },
  };
}
