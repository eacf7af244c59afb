import type { ClobStatement, GammaStatement, Market, VenueMarket } from '@app/domain';
import { MarketRepository } from '@app/persistence';
import { type ClobMarket, MAX_PAGE_SIZE, PolymarketClient, VenueError } from '@app/polymarket';
import { Injectable, Logger } from '@nestjs/common';
import { MarketIntake } from '../catalogue/market-intake';
import { forEachLimited } from '../limited';
import { isVenueTrouble } from '../venue-call';

/** How a market stands by what the venue said just now. */
export interface VenueResult {
  /** As stored after the answer; what was stored before where Gamma did not answer. */
  market: Market;
  /** Null when Gamma did not answer, or no longer lists the market. */
  gamma: GammaStatement | null;
  /** Null when the CLOB did not answer, or never had the market. */
  clob: ClobStatement | null;
}

/** CLOB markets asked for at once. */
const ASKED_AT_ONCE = 4;
const LOOKED_UP_AT_ONCE = 1_000;

/**
 * Asks the venue how markets ended, behind everything that clients wait for.
 *
 * Invariants: what {@link ask} answers of Gamma's is stored before; a source that is away, busy or cannot be understood counts as silent and
 * never fails the call; a source that was found away is not asked again in the same call.
 */
@Injectable()
export class VenueResults {
  private readonly logger = new Logger('VenueResults');

  constructor(
    private readonly markets: MarketRepository,
    private readonly intake: MarketIntake,
    private readonly venue: PolymarketClient,
  ) {}

  /**
   * Returns the condition ids, of those given, that are worth asking about: of stored markets that ended, take no orders or are past their scheduled
   * end.
   */
  async findEnded(conditionIds: readonly string[], now: Date): Promise<string[]> {
    const ended: string[] = [];
    for (let from = 0; from < conditionIds.length; from += LOOKED_UP_AT_ONCE) {
      ended.push(
        ...(await this.markets.findEndedConditionIds(conditionIds.slice(from, from + LOOKED_UP_AT_ONCE), now)),
      );
    }
    return ended;
  }

  /**
   * Asks Gamma and the CLOB about stored markets and returns what they say, by condition id. Ids nothing is stored of are left out.
   * @throws the signal's reason when it is given up
   */
  async ask(conditionIds: readonly string[], signal: AbortSignal): Promise<Map<string, VenueResult>> {
    const stored = await this.findStored(conditionIds);
    const fresh = await this.readGamma([...stored.values()], signal);
    const clob = await this.readClob([...stored.keys()], signal);
    const results = new Map<string, VenueResult>();
    for (const [conditionId, market] of stored) {
      const listed = fresh.get(conditionId);
      const answer = listed === undefined ? null : await this.store(listed);
      const row = clob.get(conditionId);
      results.set(conditionId, {
        market: answer ?? market,
        gamma: answer === null ? null : gammaStatement(answer),
        clob: row === undefined ? null : clobStatement(row),
      });
    }
    return results;
  }

  /** Returns how Gamma lists stored markets now, by condition id; those it does not answer for are left out, and nothing is stored. */
  async askGamma(conditionIds: readonly string[], signal: AbortSignal): Promise<Map<string, VenueMarket>> {
    return this.readGamma([...(await this.findStored(conditionIds)).values()], signal);
  }

  private async findStored(conditionIds: readonly string[]): Promise<Map<string, Market>> {
    const stored = await this.markets.findManyByConditionIds(conditionIds);
    return new Map(stored.flatMap((market) => (market.conditionId === null ? [] : [[market.conditionId, market]])));
  }

  /** Returns the answers by condition id. */
  private async readGamma(markets: readonly Market[], signal: AbortSignal): Promise<Map<string, VenueMarket>> {
    const wanted = new Map(markets.map(({ gammaId, conditionId }) => [gammaId, conditionId]));
    const ids = [...wanted.keys()];
    const answers = new Map<string, VenueMarket>();
    for (let from = 0; from < ids.length; from += MAX_PAGE_SIZE) {
      const asked = ids.slice(from, from + MAX_PAGE_SIZE);
      const rows = await heard(signal, () =>
        this.venue.gamma.listMarketsByGammaIds(asked, { priority: 'background', signal }),
      );
      if (rows === 'away') break;
      if (rows === 'silent') continue;
      for (const row of rows) {
        if (!row.ok) continue;
        const { gammaId, conditionId } = row.value;
        // A row under the same id with another condition is not the market that was traded.
        if (conditionId !== null && conditionId === wanted.get(gammaId)) answers.set(conditionId, row.value);
      }
    }
    return answers;
  }

  private async readClob(conditionIds: readonly string[], signal: AbortSignal): Promise<Map<string, ClobMarket>> {
    const answers = new Map<string, ClobMarket>();
    let isAway = false;
    await forEachLimited(conditionIds, ASKED_AT_ONCE, async (conditionId) => {
      if (isAway) return;
      const market = await heard(signal, () =>
        this.venue.clob.findMarket(conditionId, { priority: 'background', signal }),
      );
      if (market === 'away') isAway = true;
      else if (market !== 'silent' && market !== null) answers.set(conditionId, market);
    });
    return answers;
  }

  /** Null for a market that cannot stand beside those that are stored. */
  private async store(market: VenueMarket): Promise<Market | null> {
    try {
      return await this.intake.store(market);
    } catch (error) {
      if (!isVenueTrouble(error)) throw error;
      this.logger.warn({ msg: 'A market was not stored', slug: market.slug, err: error });
      return null;
    }
  }
}

/** Runs one conversation: `away` when the next one is not worth trying, `silent` when this one had no usable answer. */
async function heard<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T | 'away' | 'silent'> {
  try {
    return await call();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VenueError)) throw error;
    return error.kind === 'busy' || error.kind === 'unavailable' ? 'away' : 'silent';
  }
}

/** What a market as Gamma lists it says of its result. */
export function gammaStatement(market: VenueMarket): GammaStatement {
  return {
    closed: market.closed,
    umaResolutionStatus: market.umaResolutionStatus,
    clobTokenIds: market.clobTokenIds,
    outcomePrices: market.outcomePrices,
  };
}

function clobStatement(market: ClobMarket): ClobStatement {
  return { closed: market.closed, tokens: market.tokens };
}
