import { DomainError, Market, VenueMarket } from '@app/domain';
import { marketContentHash, MarketChangeRepository, MarketRepository, SyncStateRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { marketTransitions } from '../market-transitions';

/** Stores single markets as the venue gives them, outside of a sync pass. */
@Injectable()
export class MarketIntake {
  constructor(
    private readonly markets: MarketRepository,
    private readonly changes: MarketChangeRepository,
    private readonly syncStates: SyncStateRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores a market and logs what changed. Writes only the time of comparison when nothing had; repeating it stores the same.
   * @throws DomainError `VENUE.BAD_ANSWER` when it cannot be stored beside the markets there are
   */
  async store(market: VenueMarket): Promise<Market> {
    const now = this.clock.now();
    const contentHash = marketContentHash(market);
    const previous = (await this.markets.findFingerprints([market.slug])).get(market.slug) ?? null;
    if (previous?.contentHash === contentHash) {
      await this.markets.touch([market.slug], now);
      return { ...market, firstSyncedAt: previous.firstSyncedAt, lastSyncedAt: now };
    }
    // Logged before the write: after a crash in between, the same transition is found and named the same again.
    if (previous !== null || (await this.isCatalogueFilled())) {
      await this.changes.append(marketTransitions(previous, market, now), now);
    }
    const { failures } = await this.markets.writeBatch([{ market, contentHash, previous, fetchedAt: now }], now);
    const failure = failures[0];
    if (failure !== undefined) {
      throw new DomainError(
        'VENUE.BAD_ANSWER',
        `Polymarket's market ${market.slug} cannot be stored: ${failure.reason}.`,
      );
    }
    return { ...market, firstSyncedAt: previous?.firstSyncedAt ?? now, lastSyncedAt: now };
  }

  /** Before the first full pass ends, a market that is not stored is not a new one. */
  private async isCatalogueFilled(): Promise<boolean> {
    return ((await this.syncStates.find('full'))?.coveredSince ?? null) !== null;
  }
}
