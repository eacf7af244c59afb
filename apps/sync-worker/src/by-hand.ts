import { MarketSyncModule, observedState, SyncEngine } from '@app/markets';
import {
  PersistenceModule,
  type PersistenceOptions,
  SyncKind,
  SyncStateRepository,
  VenueClaimRepository,
} from '@app/persistence';
import { Clock, type LoggingConfig, PlatformModule, StartError } from '@app/platform';
import { PolymarketModule, type VenueOptions } from '@app/polymarket';
import { DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { summaryLine } from './progress-line';
import { TerminalProgress } from './terminal-progress';

/** What a run by hand stands on. */
export interface SyncByHandConfig {
  database: PersistenceOptions;
  venue: VenueOptions;
  /** Redis variables; empty without one. */
  redis: Parameters<typeof PlatformModule.forRoot>[0]['redis'];
  logLevel: LoggingConfig['level'];
  batchSize: number;
  /** Whose markets the databases must hold, when that is known. */
  venueKind?: string;
}

export type SyncByHandCommand = SyncKind | 'status';

@Module({})
class SyncByHandModule {
  static forRoot(config: SyncByHandConfig): DynamicModule {
    return {
      module: SyncByHandModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: config.logLevel }, redis: config.redis }),
        PersistenceModule.forRoot(config.database),
        { ...PolymarketModule.forRoot(config.venue), global: true },
        MarketSyncModule,
      ],
    };
  }
}

/**
 * Runs one sync, or tells about the last ones, and prints what came of it.
 * @throws StartError when the sync did not complete, saying why; it is refused while another one runs
 */
export async function syncByHand(
  command: SyncByHandCommand,
  config: SyncByHandConfig,
  signal: AbortSignal,
  out: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  const app = await NestFactory.createApplicationContext(SyncByHandModule.forRoot(config), {
    logger: ['fatal', 'error'],
    abortOnError: false,
  });
  try {
    if (command === 'status') await printStatus(app.get(SyncStateRepository), app.get(Clock), out);
    else {
      if (config.venueKind !== undefined)
        await claimFor(config.venueKind, app.get(VenueClaimRepository), app.get(Clock));
      await runSync(command, app.get(SyncEngine), config.batchSize, signal, out);
    }
  } finally {
    await app.close();
  }
}

/** Simulated and real markets must not mix. */
async function claimFor(venue: string, claims: VenueClaimRepository, clock: Clock): Promise<void> {
  const owner = await claims.claim(venue, clock.now());
  if (owner !== venue)
    throw new StartError(`The databases hold markets of the ${owner} venue, and this is the ${venue} one.`);
}

async function runSync(
  kind: SyncKind,
  engine: SyncEngine,
  batchSize: number,
  signal: AbortSignal,
  out: NodeJS.WriteStream,
): Promise<void> {
  const progress = new TerminalProgress(out);
  const result = await engine.run({ kind }, { batchSize, signal, onProgress: (state) => progress.show(state) });
  progress.clear();
  switch (result.outcome) {
    case 'busy':
      throw new StartError(
        `A ${result.lease?.kind ?? ''} sync is running${result.lease === null ? '' : ` in ${result.lease.holder}`}; ` +
          'see how far it is with --status, and try again when it has ended.',
      );
    case 'lost':
      throw new StartError('Another process took this sync over.');
    case 'failed':
    case 'interrupted':
      throw new StartError(summaryLine(result.state));
    case 'completed':
      out.write(`${summaryLine(result.state)}\n`);
  }
}

async function printStatus(states: SyncStateRepository, clock: Clock, out: NodeJS.WriteStream): Promise<void> {
  const lease = await states.findLease();
  for (const kind of ['full', 'incremental'] as const) {
    const state = await states.find(kind);
    if (state === null) {
      out.write(`${kind} sync has not run yet\n`);
      continue;
    }
    const observed = observedState(state, lease, clock.now());
    out.write(`${summaryLine(observed)}\n  started ${state.startedAt.toISOString()}`);
    out.write(state.finishedAt === null ? '\n' : `, ended ${state.finishedAt.toISOString()}\n`);
    for (const failure of state.failures.slice(-5)) out.write(`  refused ${failure.path}: ${failure.reason}\n`);
  }
}
