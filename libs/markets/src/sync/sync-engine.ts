import {
  MarketChangeRepository,
  MarketRepository,
  StagedPageRepository,
  SyncLease,
  SyncState,
  SyncStateRepository,
} from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { LeaseHolder, thisProcess } from './lease-holder';
import { findResumable, freshState, resumedState, SyncRequest } from './run-plan';
import { LeaseLostError, takeLease } from './sync-lease';
import { SyncRun } from './sync-run';
import { Patience, PATIENCE } from './venue-patience';

export interface SyncOptions {
  /** Markets per database batch. */
  batchSize: number;
  /** Stops the run after the batch being written; what is left is taken up by the next run. */
  signal: AbortSignal;
  /** Told after every saved step. */
  onProgress?: (state: SyncState) => void;
  patience?: Patience;
  /** Who runs, when it is not this process. */
  holder?: LeaseHolder;
}

export type SyncResult =
  /** Another run holds the right to run. */
  | { outcome: 'busy'; lease: SyncLease | null }
  /** Another process took the run over. */
  | { outcome: 'lost' }
  | { outcome: 'completed' | 'failed' | 'interrupted'; state: SyncState };

/** Brings the catalogue up to date: one run at a time over all processes, whatever its kind. */
@Injectable()
export class SyncEngine {
  constructor(
    private readonly venue: PolymarketClient,
    private readonly markets: MarketRepository,
    private readonly states: SyncStateRepository,
    private readonly staged: StagedPageRepository,
    private readonly changes: MarketChangeRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs a sync, or goes on with the full one that was interrupted.
   * Never rejects because of the venue. @throws DomainError `STORE.UNAVAILABLE` when the store goes away; the run can be taken up later
   */
  async run(request: SyncRequest, options: SyncOptions): Promise<SyncResult> {
    const taken = await takeLease(this.states, this.clock, request.kind, options.holder ?? thisProcess());
    if ('busy' in taken) return { outcome: 'busy', lease: taken.busy };
    const { held } = taken;
    try {
      const previous = await this.states.find(request.kind);
      const state = await this.startingState(request, previous);
      const run = new SyncRun(
        {
          venue: this.venue,
          markets: this.markets,
          states: this.states,
          staged: this.staged,
          changes: this.changes,
          clock: this.clock,
        },
        {
          batchSize: options.batchSize,
          patience: options.patience ?? PATIENCE,
          signal: AbortSignal.any([options.signal, held.lost]),
          token: held.token,
          onProgress: options.onProgress ?? ((): void => undefined),
        },
        state,
        previous,
      );
      const ended = await run.execute();
      const outcome = ended.state === 'completed' || ended.state === 'failed' ? ended.state : 'interrupted';
      return { outcome, state: ended };
    } catch (error) {
      if (error instanceof LeaseLostError) return { outcome: 'lost' };
      if (!options.signal.aborted) throw error;
      const state = await this.states.find(request.kind);
      return state === null ? { outcome: 'lost' } : { outcome: 'interrupted', state };
    } finally {
      await held.release();
    }
  }

  private async startingState(request: SyncRequest, previous: SyncState | null): Promise<SyncState> {
    const now = this.clock.now();
    const resumable = findResumable(previous, request);
    if (resumable !== null) return resumedState(resumable, now);
    const full = request.kind === 'full' ? previous : await this.states.find('full');
    return freshState(request, previous, {
      id: newId(now.getTime()),
      now,
      catalogueFilled: full?.coveredSince != null,
    });
  }
}
