import { mongo } from 'mongoose';
import { setTimeout as wait } from 'node:timers/promises';

const PAUSE_MS = 2;

/** A client in a process of its own that keeps pinging; asked by any message, it tells the latencies since the last time. */
async function main(): Promise<void> {
  const client = await mongo.MongoClient.connect(process.argv[2] ?? '', { maxPoolSize: 1 });
  let latencies: number[] = [];
  process.on('message', () => {
    process.send?.(latencies);
    latencies = [];
  });
  process.once('SIGTERM', () => process.exit(0));
  process.once('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
  for (;;) {
    const startedAt = performance.now();
    await client.db('admin').command({ ping: 1 });
    latencies.push(performance.now() - startedAt);
    await wait(PAUSE_MS);
  }
}

void main();
