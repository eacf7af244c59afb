import { OnApplicationShutdown } from '@nestjs/common';
import { ClobClient } from './clob/clob.client';
import { DataClient } from './data/data.client';
import { GammaClient } from './gamma/gamma.client';
import { VenueFamily } from './transport/venue-errors';
import { VenueStatus } from './transport/venue-status';
import { sleepByTimer, VenueCall, VenueEffects, VenueOptions, VenueTransport } from './transport/venue-transport';

/** A request of each family that is answered without work. */
const PROBES: Readonly<Record<VenueFamily, VenueCall>> = {
  gamma: { family: 'gamma', budget: 'gamma:other', path: '/status', attempts: 1 },
  clob: { family: 'clob', budget: 'clob:other', path: '/ok', attempts: 1 },
  data: {
    family: 'data',
    budget: 'data:other',
    path: '/oi',
    query: new URLSearchParams({ market: `0x${'0'.repeat(64)}` }),
    attempts: 1,
  },
};

/** Reads from Polymarket, or from a simulated one: three API families over shared connections, budgets and health. */
export class PolymarketClient implements OnApplicationShutdown {
  readonly gamma: GammaClient;
  readonly clob: ClobClient;
  readonly data: DataClient;
  readonly venue: VenueStatus;
  private readonly transport: VenueTransport;

  constructor(options: VenueOptions, effects: Pick<VenueEffects, 'clock' | 'rateWindow'> & Partial<VenueEffects>) {
    this.venue = new VenueStatus(effects.clock);
    this.transport = new VenueTransport(options, { random: Math.random, sleep: sleepByTimer, ...effects }, this.venue);
    this.gamma = new GammaClient(this.transport);
    this.clob = new ClobClient(this.transport);
    this.data = new DataClient(this.transport);
    this.venue.probeWith(async (family) => {
      await this.transport.send(PROBES[family], { priority: 'interactive' });
    });
  }

  /** Closes every connection; calls in flight fail. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
