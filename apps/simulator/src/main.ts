import { z } from 'zod';
import { createSimulator, type Simulator } from './simulator';
import { type SimulatorEnv, simulatorEnv } from './simulator.env';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function monthStart(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1, 12));
}

async function start(env: SimulatorEnv): Promise<Simulator> {
  const running = env.SIMULATOR_CLOCK === 'running';
  const simulator = await createSimulator(
    {
      markets: env.SIMULATOR_MARKETS,
      seed: env.SIMULATOR_SEED,
      epoch: env.SIMULATOR_EPOCH === undefined ? monthStart(new Date()) : new Date(env.SIMULATOR_EPOCH),
      ...(running ? { clock: () => Date.now() } : {}),
      latencyMs: env.SIMULATOR_LATENCY_MS,
      rateLimit: env.SIMULATOR_RATE_LIMIT,
      flowPerSecond: env.SIMULATOR_FLOW_PER_SECOND,
      ...(env.SIMULATOR_RECORDINGS_DIR === undefined
        ? {}
        : { recordings: { dir: env.SIMULATOR_RECORDINGS_DIR, gamma: env.SIMULATOR_RECORDINGS?.split(',') ?? [] } }),
    },
    { port: env.SIMULATOR_PORT, host: env.SIMULATOR_HOST },
  );
  say(
    `SIMULATED venue (not Polymarket): ${simulator.url}, ${simulator.marketCount} markets, seed ${env.SIMULATOR_SEED}`,
  );
  return simulator;
}

/** Settles when the parent is gone; never for a process without one. Listened for from the start: a parent can go while the world is built. */
const orphaned = new Promise<void>((resolve) => {
  if (process.send !== undefined) process.once('disconnect', resolve);
});

/** Ends with the parent or by a signal, whichever comes first. */
function stopWith(simulator: Simulator): void {
  const stop = (): void => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  void orphaned.then(stop);
  if (process.connected) process.send?.({ type: 'ready', url: simulator.url });
}

/** An empty variable counts as not set. */
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const env = simulatorEnv.safeParse(given);
if (env.success) {
  start(env.data).then(stopWith, (error: unknown) => {
    process.stderr.write(`simulator: ${error instanceof Error ? error.message : 'could not start'}\n`);
    process.exit(1);
  });
} else {
  process.stderr.write(`simulator: bad configuration\n${z.prettifyError(env.error)}\n`);
  process.exit(78);
}
