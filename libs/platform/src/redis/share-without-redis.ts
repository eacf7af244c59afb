/** Fraction of a limit one process allows itself while Redis is away and other processes cannot be counted. */
const SHARE_WITHOUT_REDIS = 0.25;

/** Returns how much of a shared limit this process may use while it counts alone; at least 1. */
export function shareWithoutRedis(limit: number): number {
  return Math.max(1, Math.floor(limit * SHARE_WITHOUT_REDIS));
}
