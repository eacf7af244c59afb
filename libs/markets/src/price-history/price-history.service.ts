import { DomainErrorCode, Market, PricePoint } from '@app/domain';
import { PriceHistoryPiece, PriceHistoryRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { MarketCatalogue } from '../catalogue/market-catalogue';
import { getOutcome, MarketOutcome } from '../catalogue/market-outcome';
import { forEachLimited } from '../limited';
import { SingleFlight } from '../single-flight';
import { isVenueTrouble, venueCall } from '../venue-call';
import {
  depthStart,
  HistoryPart,
  HistoryPlan,
  HistoryRequest,
  isFinalPart,
  isFreshPart,
  joinParts,
  limitRequest,
  partBucket,
  planClosedHistory,
  planOpenHistory,
  pointsOfPart,
} from './history-plan';

const FINAL_KEPT_MS = 30 * 86_400_000;
const PASSING_KEPT_MS = 86_400_000;
const CALLS_AT_ONCE = 4;
/** A forced refresh this soon after the last one answers the same again, milliseconds. */
const REFRESH_FLOOR_MS = 1_000;

/** The price history of one outcome. */
export interface OutcomeHistory {
  slug: string;
  outcome: MarketOutcome;
  points: PricePoint[];
  /** When the venue gave the oldest part; null when there was nothing to ask for. */
  cachedAt: Date | null;
  /** Why the venue could not be asked, when a kept answer older than usual is given instead. */
  staleBecause: DomainErrorCode | null;
  /** Whether older points were asked for than the caller may have. */
  isCutShort: boolean;
}

/**
 * Price histories, kept by token and grain.
 *
 * Invariants: the venue is asked by token id, never by condition id (which it answers with an empty history); an empty answer is asked
 * for again the way resolved markets need before it counts, and is kept for a minute at most; while the venue is away, what is kept is
 * answered with its age.
 */
@Injectable()
export class PriceHistoryService {
  private readonly fetches = new SingleFlight<PriceHistoryPiece>();

  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly histories: PriceHistoryRepository,
    private readonly venue: PolymarketClient,
    private readonly clock: Clock,
  ) {}

  /**
   * @param options.depthDays how many days the answer may go back from now, or from the end of a closed market; left out: all of it
   * @throws DomainError `MARKET.NOT_FOUND`, `MARKET.OUTCOME_NOT_FOUND`, or a `VENUE.*` one when nothing is kept and the venue cannot be asked
   */
  async getHistory(
    slug: string,
    outcomeIndex: number,
    request: HistoryRequest,
    options: { forceRefresh: boolean; depthDays?: number },
  ): Promise<OutcomeHistory> {
    const { market } = await this.catalogue.getBySlug(slug);
    const outcome = getOutcome(market, outcomeIndex);
    const { tokenId } = outcome;
    const { depthDays } = options;
    const startTs = depthDays === undefined ? -Infinity : depthStart(market, depthDays, this.clock.now());
    const allowed = limitRequest(request, startTs);
    if (tokenId === null || allowed === null) {
      const isCutShort = allowed === null;
      return { slug: market.slug, outcome, points: [], cachedAt: null, staleBecause: null, isCutShort };
    }
    const read = (plan: HistoryPlan): Promise<ReadHistory> => this.read(tokenId, market, plan, options.forceRefresh);
    let history = await read(market.closed ? planClosedHistory(allowed) : planOpenHistory(allowed));
    if (history.points.length === 0 && this.mayHaveResolved(market) && !market.closed) {
      history = await read(planClosedHistory(allowed));
    }
    const points = history.points.filter(({ t }) => t >= startTs);
    const isCutShort = allowed !== request || points.length < history.points.length;
    return { slug: market.slug, outcome, ...history, points, isCutShort };
  }

  /** Whether the venue may have resolved a market that was still open when it was last compared. */
  private mayHaveResolved(market: Market): boolean {
    return market.closed || !market.acceptingOrders || (market.endDate !== null && market.endDate < this.clock.now());
  }

  private async read(tokenId: string, market: Market, plan: HistoryPlan, forceRefresh: boolean): Promise<ReadHistory> {
    const kept = await this.histories.findMany(plan.parts.map((part) => ({ tokenId, ...partBucket(part) })));
    const pieces = await forEachLimited([...plan.parts.entries()], CALLS_AT_ONCE, ([index, part]) =>
      this.readPart(tokenId, market, part, kept[index] ?? null, forceRefresh),
    );
    const oldest = pieces.reduce<Date | null>(
      (earliest, { fetchedAt }) => (earliest === null || fetchedAt < earliest ? fetchedAt : earliest),
      null,
    );
    return {
      points: joinParts(
        pieces.map(({ points }) => points),
        plan.cut,
      ),
      cachedAt: oldest,
      staleBecause: pieces.find((piece) => piece.staleBecause !== null)?.staleBecause ?? null,
    };
  }

  private async readPart(
    tokenId: string,
    market: Market,
    part: HistoryPart,
    kept: PriceHistoryPiece | null,
    forceRefresh: boolean,
  ): Promise<ReadPiece> {
    const key = partBucket(part);
    const now = this.clock.now();
    if (kept !== null) {
      const isForced =
        forceRefresh && !isFinalPart(part, kept) && now.getTime() - kept.fetchedAt.getTime() >= REFRESH_FLOOR_MS;
      if (!isForced && isFreshPart(part, kept, market, now)) return { ...kept, staleBecause: null };
    }
    try {
      const fetched = await this.fetches.run(`${tokenId}:${key.grain}:${key.bucket}`, () =>
        this.fetchPart(tokenId, part),
      );
      return { ...fetched, staleBecause: null };
    } catch (error) {
      if (kept === null || !isVenueTrouble(error)) throw error;
      return { ...kept, staleBecause: error.code };
    }
  }

  private async fetchPart(tokenId: string, part: HistoryPart): Promise<PriceHistoryPiece> {
    const fetchedAt = this.clock.now();
    const span =
      part.kind === 'interval'
        ? { interval: part.interval }
        : { startTs: part.startTs, endTs: Math.min(part.endTs, Math.ceil(fetchedAt.getTime() / 1000)) };
    const answered = await venueCall(() =>
      this.venue.clob.getPriceHistory(
        { tokenId, ...span, fidelityMinutes: part.fidelityMinutes },
        { priority: 'interactive' },
      ),
    );
    const points = pointsOfPart(part, answered);
    const final = isFinalPart(part, { points, fetchedAt });
    const piece: PriceHistoryPiece = {
      tokenId,
      ...partBucket(part),
      points,
      fetchedAt,
      final,
      expiresAt: new Date(fetchedAt.getTime() + (final ? FINAL_KEPT_MS : PASSING_KEPT_MS)),
    };
    await this.histories.save(piece, this.clock.now());
    return piece;
  }
}

type ReadPiece = Pick<PriceHistoryPiece, 'points' | 'fetchedAt'> & { staleBecause: DomainErrorCode | null };
type ReadHistory = Pick<OutcomeHistory, 'points' | 'cachedAt' | 'staleBecause'>;
