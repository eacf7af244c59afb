/** Runs `work` for every item, at most `limit` at once, and returns the results in the order of the items. The first failure rejects. */
export async function forEachLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const remaining = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of remaining) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return items.map((_, index) => results.get(index) as R);
}
