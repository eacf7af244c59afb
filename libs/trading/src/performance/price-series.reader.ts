import { DomainError, type MarketOutcomeRef, type PriceSeries } from '@app/domain';
import { PriceHistoryService } from '@app/markets';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** How long a series that still goes on is given again, milliseconds; one that ended is asked for anew only after {@link ENDED_KEPT_MS}. */
export const SERIES_KEPT_MS = 60_000;
export const ENDED_KEPT_MS = 3_600_000;
/** How long nothing is asked again after the venue could not be asked, milliseconds. */
export const TROUBLE_KEPT_MS = 10_000;
/** Points remembered over all series: about 100 MB. */
const POINTS_REMEMBERED = 1_500_000;
const DAY_SECONDS = 86_400;

/** Which part of a token's price history is wanted. */
export interface SeriesRequest {
  ref: Pick<MarketOutcomeRef, 'marketId' | 'outcomeIndex' | 'tokenId'>;
  from: Date;
  /** Null while it goes on. */
  to: Date | null;
  grainMinutes: number;
}

/** Price histories of tokens for marks of the past; remembered in this process for a while. */
@Injectable()
export class PriceSeriesReader {
  private readonly remembered: LRUCache<string, { points: PriceSeries }>;

  constructor(
    private readonly histories: PriceHistoryService,
    private readonly clock: Clock,
  ) {
    this.remembered = new LRUCache({
      maxSize: POINTS_REMEMBERED,
      sizeCalculation: ({ points }) => Math.max(1, points.length),
      ttl: SERIES_KEPT_MS,
      perf: { now: (): number => clock.now().getTime() },
      ttlResolution: 0,
    });
  }

  /**
   * Returns what is known of a token's price from the midnight a day or more before (histories of closed markets have a point every twelve hours) to the end;
   * nothing when the venue cannot be asked and nothing is kept.
   */
  async read({ ref, from, to, grainMinutes }: SeriesRequest): Promise<PriceSeries> {
    const startTs = (Math.floor(from.getTime() / 1_000 / DAY_SECONDS) - 1) * DAY_SECONDS;
    const endTs = to === null ? null : Math.ceil(to.getTime() / 1_000);
    const key = `${ref.tokenId} ${grainMinutes} ${startTs} ${endTs ?? 'now'}`;
    const known = this.remembered.get(key);
    if (known !== undefined) return known.points;
    const now = Math.ceil(this.clock.now().getTime() / 1_000);
    const asked = await this.ask(ref, { startTs, endTs: endTs ?? now }, grainMinutes);
    const ttl = asked === null ? TROUBLE_KEPT_MS : endTs === null ? SERIES_KEPT_MS : ENDED_KEPT_MS;
    const points = asked ?? [];
    this.remembered.set(key, { points }, { ttl });
    return points;
  }

  /** Returns null when the venue, or the market, is not there to be asked. */
  private async ask(
    ref: SeriesRequest['ref'],
    span: { startTs: number; endTs: number },
    fidelityMinutes: number,
  ): Promise<PriceSeries | null> {
    try {
      const request = { span, fidelityMinutes };
      const history = await this.histories.getHistory(ref.marketId, ref.outcomeIndex, request, { forceRefresh: false });
      return history.points;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'STORE.UNAVAILABLE') throw error;
      return null;
    }
  }
}
