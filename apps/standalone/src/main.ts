import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { existsSync } from 'node:fs';
import { runStandalone } from './run-standalone';
import type { VenueKind } from './venue-kind';

const STOP_WITHIN_MS = 30_000;

const VENUES: Readonly<Record<string, VenueKind>> = { demo: 'simulated', start: 'polymarket' };

void runProcess(
  async (context) => {
    const venue = VENUES[process.argv[2] ?? ''];
    if (venue === undefined) {
      throw new StartError('Say which venue: `demo` for the simulated one, `start` for Polymarket. See README.md.');
    }
    if (existsSync('.env')) process.loadEnvFile('.env');
    return runStandalone(venue, context);
  },
  { stopDeadlineMs: STOP_WITHIN_MS },
);
