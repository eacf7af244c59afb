import type { LatencyProfile } from '@app/domain';
import { seededRandom } from './seeded-random';
import type { ExchangeSettings } from './settings';

/**
 * How long an order or a cancel travels to the venue (D1, D4), in whole milliseconds.
 * @param seed decides the jitter of `retail`: the order's id, so that a replay travels as long.
 */
export function arrivalDelayMs(
  profile: LatencyProfile,
  seed: string,
  { latency }: Pick<ExchangeSettings, 'latency'>,
): number {
  switch (profile) {
    case 'ideal':
      return 0;
    case 'colocated':
      return latency.colocatedMs;
    case 'retail':
      return latency.retailMs + Math.floor(seededRandom(seed)() * (latency.retailJitterMs + 1));
    case 'recorded':
      return latency.recordedMs;
  }
}
