import { DomainError, Market, VenueMarket } from '@app/domain';
import {
  marketContentHash,
  MarketChangeRepository,
  type MarketFingerprint,
  MarketRepository,
  SyncStateRepository,
} from '@app/persistence';
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
      return { ...market, ...stampsOf(previous, now) };
    }
    // Logged before the write: after a crash in between, the same transition is found and named the same again.
    const isLogged = previous !== null || (await this.isCatalogueFilled());
    const changes = isLogged ? marketTransitions(previous, market, now) : [];
    await this.changes.append(changes, now);
    const { failures, renamed } = await this.markets.writeBatch(
      [{ market, contentHash, previous, fetchedAt: now }],
      now,
    );
    if (failures.length + renamed.length > 0) await this.changes.remove(changes.map(({ key }) => key));
    const failure = failures[0];
    if (failure !== undefined) {
      const sentence = `Polymarket's market ${market.slug} cannot be stored: ${failure.reason}.`;
      throw new DomainError('VENUE.BAD_ANSWER', sentence);
    }
    await this.changes.append(
      renamed.map(({ from, to }) => ({
        key: `${to}:renamed:${from}`,
        slug: to,
        kind: 'renamed',
        at: now,
        before: from,
        after: to,
      })),
      now,
    );
    return renamed.length > 0 ? this.readStored(market.slug) : { ...market, ...stampsOf(previous, now) };
  }

  /** A renamed market keeps when it was first stored, which only its record knows. */
  private async readStored(slug: string): Promise<Market> {
    const stored = await this.markets.findBySlug(slug);
    if (stored === null) throw new DomainError('STORE.UNAVAILABLE', `Market ${slug} is being changed; try again.`);
    return stored;
  }

  /** Before the first full pass ends, a market that is not stored is not a new one. */
  private async isCatalogueFilled(): Promise<boolean> {
    return ((await this.syncStates.find('full'))?.coveredSince ?? null) !== null;
  }
}

function stampsOf(previous: MarketFingerprint | null, now: Date): Pick<Market, 'firstSyncedAt' | 'lastSyncedAt'> {
  return { firstSyncedAt: previous?.firstSyncedAt ?? now, lastSyncedAt: now };
}
