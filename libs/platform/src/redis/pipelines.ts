import type { ChainableCommander } from 'ioredis';

/** Most names one script or command is given at a time: one of them does not hold others up on the server. */
export const REDIS_BATCH = 500;

/** Sends a pipeline and returns its answers; rejects with the first command that failed. */
export async function runPipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([err, answer]) => {
    if (err !== null) throw err;
    return answer;
  });
}

/** Cuts a list into parts of at most `REDIS_BATCH`. */
export function batches<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; from += REDIS_BATCH) parts.push(items.slice(from, from + REDIS_BATCH));
  return parts;
}
