import {
  acceptResolution,
  type AcceptedResolution,
  DomainError,
  isTradeable,
  type ResolvedAnnouncement,
  settlementKey,
  type VenueMarket,
} from '@app/domain';
import { forEachLimited, gammaStatement, type VenueResult, VenueResults } from '@app/markets';
import { ResolutionRepository, TradingRepository } from '@app/persistence';
import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AccountDecisions } from '../account/account-decisions';
import { decidedAt } from '../account/decided-at';
import { AskSchedule } from './ask-schedule';
import {
  type AccountSettlement,
  hasPositionsToSettle,
  type MarketEnd,
  outdatedVersions,
  settleAccount,
} from './settle-account';

/** What one pass did. */
export interface SettlementReport {
  /** Markets the venue was asked about. */
  asked: number;
  /** Results accepted for the first time, or changed. */
  accepted: number;
  cancelledOrders: number;
  /** Positions paid, and payments taken back. */
  paid: number;
  reversed: number;
  /** Portfolios that could not be settled; the next pass tries again. */
  failed: number;
}

/** How long a result is watched for a change, and how often, milliseconds. */
export const WATCHED_FOR_MS = 7 * 86_400_000;
export const WATCHED_EVERY_MS = 600_000;

const MOST_ASKED = 200;
const READ_AT_ONCE = 1_000;
const MARKETS_REMEMBERED = 10_000;
const WATCHED_AT_ONCE = 500;
const ACCOUNTS_AT_ONCE = 4;

const RESOLVED = 'The market was resolved.';
const CLOSED = 'The market closed.';
const HALTED = 'The market takes no orders.';

/**
 * Ends orders and pays positions when markets end (rules F10, G1, G2).
 *
 * Invariants: a result is stored before anybody is paid by it; each portfolio is settled in one transaction of its own, conditional on its version,
 * and remembers the version it was paid by; so that a pass may be stopped anywhere, repeated, and run in several processes at once. What was accepted
 * is paid to everybody before the venue is asked again.
 */
@Injectable()
export class SettlementService {
  private readonly logger = new Logger('Settlement');
  private readonly schedule = new AskSchedule();
  private watchedAt = 0;
  /** Markets that were found to take no orders, and have no result. */
  private readonly ended = new LRUCache<string, MarketEnd>({ max: MARKETS_REMEMBERED });
  /** What was told of markets whose result is in doubt, so that it is told once. */
  private readonly doubts = new LRUCache<string, string>({ max: MARKETS_REMEMBERED });

  constructor(
    private readonly trading: TradingRepository,
    private readonly resolutions: ResolutionRepository,
    private readonly venue: VenueResults,
    private readonly accounts: AccountDecisions,
  ) {}

  /**
   * Settles what is due now.
   * @throws the signal's reason when it is given up, DomainError `STORE.UNAVAILABLE`
   */
  async settleDue(now: Date, signal: AbortSignal): Promise<SettlementReport> {
    const pass = new SettlementPass(this.trading, this.accounts, this.logger, now, signal);
    const held = await this.listAll('openPositionsByCondition');
    const ordered = await this.listAll('workingOrdersByCondition');
    const inUse = [...new Set([...held, ...ordered])];
    const resolved = await this.resolutions.findMany(inUse);
    for (const resolution of resolved.values()) await pass.settle(endOf(resolution));

    const open = inUse.filter((conditionId) => !resolved.has(conditionId));
    const due = this.schedule.due(await this.venue.findEnded(open, now), now, MOST_ASKED);
    await this.endLateOrders(ordered, due, pass);
    await this.askAndSettle(due, pass);
    if (now.getTime() >= this.watchedAt + WATCHED_EVERY_MS) await this.watch(pass);
    return pass.report;
  }

  /**
   * Asks the venue now how a market ended whose result its stream announced (rule G1c), and settles what it confirms. An announcement that nothing confirms pays nobody,
   * and one that contradicts what the venue shows leaves the result in doubt.
   * @returns whether the venue shows the market as open, closed without a result that counts, or resolved
   * @throws the signal's reason when it is given up, DomainError `STORE.UNAVAILABLE`
   */
  async settleAnnounced(
    { conditionId, winningTokenId }: { conditionId: string } & ResolvedAnnouncement,
    now: Date,
    signal: AbortSignal,
  ): Promise<'open' | 'closed' | 'resolved'> {
    const pass = new SettlementPass(this.trading, this.accounts, this.logger, now, signal);
    const stored = await this.resolutions.find(conditionId);
    const result = stored === null ? (await this.venue.ask([conditionId], signal)).get(conditionId) : undefined;
    const end =
      stored !== null
        ? endOf(stored)
        : result === undefined
          ? null
          : await this.endOf(conditionId, result, pass, { winningTokenId });
    if (end === null) return 'open';
    await pass.settle(end);
    return end.resolution === null ? 'closed' : 'resolved';
  }

  /** Condition ids of the markets in which somebody holds shares, or has working orders. */
  private async listAll(list: 'openPositionsByCondition' | 'workingOrdersByCondition'): Promise<string[]> {
    const found: string[] = [];
    let some: string[];
    do {
      some = (await this.trading[list](READ_AT_ONCE, found.at(-1))).map(({ conditionId }) => conditionId);
      found.push(...some);
    } while (some.length === READ_AT_ONCE);
    return found;
  }

  /** Ends orders that came to rest after their market was found to take none, and is not asked about again just now. */
  private async endLateOrders(ordered: readonly string[], due: readonly string[], pass: SettlementPass): Promise<void> {
    for (const conditionId of ordered) {
      const end = due.includes(conditionId) ? undefined : this.ended.get(conditionId);
      if (end !== undefined) await pass.settle(end);
    }
  }

  private async askAndSettle(conditionIds: readonly string[], pass: SettlementPass): Promise<void> {
    if (conditionIds.length === 0) return;
    const results = await this.venue.ask(conditionIds, pass.signal);
    pass.report.asked += conditionIds.length;
    for (const conditionId of conditionIds) {
      const result = results.get(conditionId);
      if (result === undefined || (result.gamma === null && result.clob === null)) {
        this.schedule.unanswered(conditionId, pass.now);
        continue;
      }
      const end = await this.endOf(conditionId, result, pass);
      if (end === null || end.resolution !== null) this.ended.delete(conditionId);
      else this.ended.set(conditionId, end);
      if (end !== null) await pass.settle(end);
      // Noted last: what a failure kept from being settled is asked about again at once.
      this.schedule.answered(conditionId, pass.now);
    }
  }

  /** How a market ends by what the venue says; null when it goes on, or nothing is known of it. */
  private async endOf(
    conditionId: string,
    result: VenueResult,
    pass: SettlementPass,
    announced: ResolvedAnnouncement | null = null,
  ): Promise<MarketEnd | null> {
    const resolution = await this.accept(conditionId, result, null, pass, announced);
    if (resolution !== null) return endOf(resolution);
    const { market, gamma, clob } = result;
    if (clob?.closed === true || gamma?.closed === true) return { conditionId, reason: CLOSED, resolution: null };
    if (gamma !== null && !isTradeable(market)) return { conditionId, reason: HALTED, resolution: null };
    return null;
  }

  /**
   * Stores the result the venue shows, when there is one and it is not the one stored.
   * @returns what is stored then; null without a result
   */
  private async accept(
    conditionId: string,
    { market, gamma, clob }: VenueResult,
    stored: AcceptedResolution | null,
    pass: SettlementPass,
    announced: ResolvedAnnouncement | null = null,
  ): Promise<AcceptedResolution | null> {
    const verdict = acceptResolution({ outcomes: outcomesOf(market), gamma, clob, announced });
    if (!verdict.accepted) {
      const isDoubtful = verdict.doubt === 'conflict' || verdict.doubt === 'other_market';
      if (isDoubtful && this.doubts.get(conditionId) !== verdict.explanation) {
        this.doubts.set(conditionId, verdict.explanation);
        this.logger.warn({ msg: 'The result of a market is in doubt', market: market.slug, why: verdict.explanation });
      }
      return stored;
    }
    this.doubts.delete(conditionId);
    if (stored !== null && isSamePayout(stored.payouts, verdict.payouts)) return stored;
    const { payouts, source, evidence } = verdict;
    const resolution: AcceptedResolution = {
      conditionId,
      marketId: market.slug,
      version: (stored?.version ?? 0) + 1,
      tokenIds: market.clobTokenIds,
      payouts,
      source,
      evidence,
      acceptedAt: pass.now,
    };
    if (!(await this.resolutions.record(resolution))) return this.resolutions.find(conditionId);
    pass.report.accepted += 1;
    this.logger.log({ msg: 'Result accepted', market: market.slug, version: resolution.version, source, evidence });
    return resolution;
  }

  /** Looks for results that changed since they were accepted, and for portfolios a stop left with an older one. */
  private async watch(pass: SettlementPass): Promise<void> {
    const recent = await this.resolutions.listAcceptedSince(new Date(pass.now.getTime() - WATCHED_FOR_MS));
    for (let from = 0; from < recent.length; from += WATCHED_AT_ONCE) {
      const some = recent.slice(from, from + WATCHED_AT_ONCE);
      for (const resolution of some) if (resolution.version > 1) await pass.settle(endOf(resolution));
      await this.lookForChanges(new Map(some.map((resolution) => [resolution.conditionId, resolution])), pass);
    }
    this.watchedAt = pass.now.getTime();
  }

  private async lookForChanges(accepted: ReadonlyMap<string, AcceptedResolution>, pass: SettlementPass): Promise<void> {
    const shown = await this.venue.askGamma([...accepted.keys()], pass.signal);
    const changed = [...shown].flatMap(([conditionId, market]) => {
      const gamma = gammaStatement(market);
      const verdict = acceptResolution({ outcomes: outcomesOf(market), gamma, clob: null, announced: null });
      const stored = accepted.get(conditionId);
      const isChanged = verdict.accepted && stored !== undefined && !isSamePayout(stored.payouts, verdict.payouts);
      return isChanged ? conditionId : [];
    });
    if (changed.length === 0) return;
    const results = await this.venue.ask(changed, pass.signal);
    pass.report.asked += changed.length;
    for (const [conditionId, result] of results) {
      const stored = accepted.get(conditionId) ?? null;
      const resolution = await this.accept(conditionId, result, stored, pass);
      if (resolution !== null && resolution !== stored) await pass.settle(endOf(resolution));
    }
  }
}

/** One pass over what is due: settles markets account by account, and counts. */
class SettlementPass {
  readonly report: SettlementReport = { asked: 0, accepted: 0, cancelledOrders: 0, paid: 0, reversed: 0, failed: 0 };

  constructor(
    private readonly trading: TradingRepository,
    private readonly accounts: AccountDecisions,
    private readonly logger: Logger,
    readonly now: Date,
    readonly signal: AbortSignal,
  ) {}

  /** Settles a market in every account that has orders or positions in it. */
  async settle(end: MarketEnd): Promise<void> {
    await forEachLimited(await this.portfoliosIn(end), ACCOUNTS_AT_ONCE, async (portfolioId) => {
      this.signal.throwIfAborted();
      try {
        this.count(await this.settleAccount(portfolioId, end));
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof DomainError && error.code === 'STORE.UNAVAILABLE') throw error;
        // One account that cannot be settled must not keep the others waiting.
        this.report.failed += 1;
        this.logger.error({ msg: 'A portfolio could not be settled', portfolio: portfolioId, err: error });
      }
    });
  }

  /** Portfolios with working orders in a market, or with positions there that are not paid by its result. */
  private async portfoliosIn({ conditionId, resolution }: MarketEnd): Promise<string[]> {
    const orders = await this.trading.listWorkingOrders({ conditionId });
    const holdings = resolution === null ? [] : await this.trading.portfoliosHolding(conditionId);
    const unpaid = holdings.filter(
      ({ status, settledVersion }) => status === 'open' || (settledVersion ?? 0) < (resolution?.version ?? 0),
    );
    return [...new Set([...orders, ...unpaid].map(({ portfolioId }) => portfolioId))];
  }

  private settleAccount(portfolioId: string, end: MarketEnd): Promise<AccountSettlement | null> {
    return this.accounts.run<AccountSettlement | null>(portfolioId, null, async (view) => {
      const { account } = view;
      const { resolution } = end;
      const orders = await view.listWorkingOrders(end.conditionId);
      const isNothing = orders.length === 0 && (resolution === null || !hasPositionsToSettle(account, resolution));
      if (isNothing) return { write: null, answer: () => null };
      const versions = resolution === null ? [] : outdatedVersions(account, resolution);
      const settlements = await Promise.all(
        versions.map((version) =>
          this.trading.listSettlements(portfolioId, settlementKey({ conditionId: end.conditionId, version })),
        ),
      );
      const settlement = settleAccount(account, end, { orders, settlements }, decidedAt(account, this.now));
      return { write: { account: settlement.account, orders: settlement.orders }, answer: () => settlement };
    });
  }

  private count(settlement: AccountSettlement | null): void {
    if (settlement === null) return;
    this.report.cancelledOrders += settlement.orders.length;
    this.report.paid += settlement.paid;
    this.report.reversed += settlement.reversed;
  }
}

function endOf(resolution: AcceptedResolution): MarketEnd {
  return { conditionId: resolution.conditionId, reason: RESOLVED, resolution };
}

function outcomesOf({ outcomes, clobTokenIds }: VenueMarket): { tokenId: string; name: string }[] {
  return clobTokenIds.map((tokenId, index) => ({ tokenId, name: outcomes[index] ?? `outcome ${index}` }));
}

function isSamePayout(left: AcceptedResolution['payouts'], right: AcceptedResolution['payouts']): boolean {
  return left.length === right.length && left.every((payout, index) => payout === right[index]);
}
