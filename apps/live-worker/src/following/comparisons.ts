import { Clock } from '@app/platform';
import { PolymarketClient, VenueError } from '@app/polymarket';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { LiveMetrics } from '../live-metrics';
import { RECORDING } from '../recorder/recording';
import type { StreamRecording } from '../recorder/stream-recording';
import type { MarketFollower } from './market-follower';

const MOST_UNDER_WAY = 8;

/** Asks the venue for books over REST, behind everything that clients wait for, and lets followers compare theirs with them (A2). */
@Injectable()
export class Comparisons {
  private readonly logger = new Logger('Comparisons');
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly venue: PolymarketClient,
    private readonly clock: Clock,
    private readonly metrics: LiveMetrics,
    @Optional() @Inject(RECORDING) private readonly recording: StreamRecording | null,
  ) {}

  /** Begins the comparisons that are due, those of books that wait for one first, as far as there is room. */
  begin(followers: Iterable<MarketFollower>, signal: AbortSignal): void {
    if (this.underWay.size >= MOST_UNDER_WAY || signal.aborted) return;
    const nowMs = this.clock.now().getTime();
    const due = [...followers].filter((follower) => follower.isComparisonDue(nowMs));
    due.sort((left, right) => Number(left.state === 'live') - Number(right.state === 'live'));
    for (const follower of due.slice(0, MOST_UNDER_WAY - this.underWay.size)) {
      const comparison = this.compare(follower, signal).finally(() => this.underWay.delete(comparison));
      this.underWay.add(comparison);
    }
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async compare(follower: MarketFollower, signal: AbortSignal): Promise<void> {
    follower.beginComparison();
    const askedAtMs = this.clock.now().getTime();
    const [tokenId] = follower.market.tokenIds;
    try {
      const book = await this.venue.clob.getBook(tokenId, { priority: 'background', signal });
      const atMs = this.clock.now().getTime();
      const isCompared = follower.compare(book, askedAtMs, atMs);
      if (book === null) this.recording?.foundNoBook(tokenId, atMs);
      else if (isCompared) this.recording?.reconciled(book, atMs);
      this.metrics.compared(isCompared ? 'compared' : 'unusable');
    } catch (err) {
      follower.failComparison(this.clock.now().getTime());
      if (signal.aborted) return;
      this.metrics.compared('failed');
      if (!(err instanceof VenueError)) {
        this.logger.error({ msg: 'A book could not be compared', market: follower.market.marketId, err });
      }
    }
  }
}
