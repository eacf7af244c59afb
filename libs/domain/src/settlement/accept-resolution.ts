import { payoutVector } from '../market';
import { MICRO, type PartsPerMillion, partsPerMillion } from '../money';
import type { ResolutionSource } from '../trading/resolution';

/**
 * When a market counts as resolved (rule G1).
 *
 * A result is accepted from (a) the CLOB, once the market is closed and exactly one token is the winner, or (b) Gamma, once the market is closed, its
 * prices are exactly 1 and 0, or 0.5 and 0.5, and its UMA status is final; or from (c) a `market_resolved` message that (a) or (b) confirms. One of
 * them is enough while the other is silent or late; two that name different results are never accepted. Nothing is inferred: not from a price of
 * 0.999, not from a proposal, and what ended without a result is not paid back at cost.
 *
 * Why each condition is needed, in recorded answers: of 470 closed rows in the CLOB's first page 348 name no winner, 132 of them with prices
 * of exactly 1 and 0 (older than the `winner` field), so a missing winner is no result and a price no winner. The 23 closed Gamma rows of
 * 2020 to 2021 carry 0 and 0 or prices of an AMM, and no UMA status. All 201 closed Gamma rows of 2025 and 2026 with a payout carry the
 * status `resolved`, the automatically resolved crypto markets too, whose list of passed states is empty.
 */

/** UMA states of a market after which the oracle's answer no longer changes. Source: `umaResolutionStatus` of Gamma; UMA's request states. */
export const FINAL_UMA_STATUSES: readonly string[] = ['resolved', 'settled'];

/** An outcome a payout is wanted for. */
export interface ResolvableOutcome {
  tokenId: string;
  name: string;
}

/** What the CLOB says of a market. Source: GET /markets/{condition_id}. */
export interface ClobStatement {
  closed: boolean;
  tokens: readonly { tokenId: string | null; winner: boolean }[];
}

/** What Gamma says of a market; the lists run parallel. */
export interface GammaStatement {
  closed: boolean;
  umaResolutionStatus: string | null;
  clobTokenIds: readonly string[];
  outcomePrices: readonly string[];
}

/** What the market socket announced. Source: `market_resolved`. */
export interface ResolvedAnnouncement {
  winningTokenId: string;
}

/** Everything known of how a market ended; null where a source was not asked, did not answer or knows no such market. */
export interface ResolutionStatements {
  /** In the order the payouts are wanted in. */
  outcomes: readonly ResolvableOutcome[];
  clob: ClobStatement | null;
  gamma: GammaStatement | null;
  announced: ResolvedAnnouncement | null;
}

/**
 * `open`: no source says that the market closed. `no_result`: closed, and no source names a result yet. `unconfirmed`: a result was announced that no
 * source confirms. `conflict`: the sources contradict each other, or one contradicts itself. `other_market`: a source speaks of other tokens.
 */
export const RESOLUTION_DOUBTS = ['open', 'no_result', 'unconfirmed', 'conflict', 'other_market'] as const;
export type ResolutionDoubt = (typeof RESOLUTION_DOUBTS)[number];

export type ResolutionVerdict =
  | {
      accepted: true;
      /** By outcome, summing to 1,000,000. */
      payouts: readonly PartsPerMillion[];
      source: ResolutionSource;
      /** What each source said, as text a person can check. */
      evidence: string;
    }
  | { accepted: false; doubt: ResolutionDoubt; explanation: string };

type Payouts = readonly PartsPerMillion[];

/** Decides by rule G1 whether a market has a result, and which. */
export function acceptResolution(statements: ResolutionStatements): ResolutionVerdict {
  const { outcomes, clob, gamma, announced } = statements;
  const said = describe(statements);
  const doubt = (reason: ResolutionDoubt, sentence: string): ResolutionVerdict => ({
    accepted: false,
    doubt: reason,
    explanation: `${sentence} ${said}`,
  });
  const stranger = strangerIn(statements);
  if (stranger !== null) return doubt('other_market', stranger);

  const winners = clob?.closed === true ? clob.tokens.filter(({ winner }) => winner) : [];
  if (winners.length > 1) return doubt('conflict', 'The CLOB names more than one winner.');
  const byClob = winners[0] === undefined ? null : winnerTakesAll(outcomes, winners[0].tokenId);
  const shownByGamma = gamma?.closed === true ? payoutsShown(outcomes, gamma) : null;
  const byGamma = gamma !== null && isFinal(gamma) ? shownByGamma : null;

  // Prices that are a payout contradict another winner even before their status is final.
  if (byClob !== null && shownByGamma !== null && !isSame(byClob, shownByGamma)) {
    return doubt('conflict', 'The CLOB and Gamma name different results.');
  }
  const payouts = byClob ?? byGamma;
  if (announced !== null) {
    if (payouts === null) return doubt('unconfirmed', 'A result was announced that neither source confirms.');
    if (!isSame(payouts, winnerTakesAll(outcomes, announced.winningTokenId))) {
      return doubt('conflict', 'The result that was announced is not the one the venue shows.');
    }
  }
  if (payouts !== null) return { accepted: true, payouts, source: byClob === null ? 'gamma' : 'clob', evidence: said };
  return clob?.closed === true || gamma?.closed === true
    ? doubt('no_result', 'The market is closed and has no result.')
    : doubt('open', 'The market is not closed.');
}

/** Says which source speaks of tokens the market does not have; null when none does. */
function strangerIn({ outcomes, clob, gamma, announced }: ResolutionStatements): string | null {
  const known = new Set(outcomes.map(({ tokenId }) => tokenId));
  const isStranger = (tokenId: string | null): boolean => tokenId === null || !known.has(tokenId);
  if (outcomes.length < 2 || known.size !== outcomes.length) return 'The market has no two tokens to pay.';
  if (
    clob !== null &&
    !isSameTokens(
      known,
      clob.tokens.map(({ tokenId }) => tokenId),
    )
  )
    return 'The CLOB names other tokens.';
  if (gamma !== null && !isSameTokens(known, gamma.clobTokenIds)) return 'Gamma names other tokens.';
  return announced !== null && isStranger(announced.winningTokenId) ? 'Another token was announced.' : null;
}

function isSameTokens(known: ReadonlySet<string>, named: readonly (string | null)[]): boolean {
  return (
    named.length === known.size &&
    new Set(named).size === known.size &&
    named.every((id) => id !== null && known.has(id))
  );
}

function isFinal({ umaResolutionStatus }: GammaStatement): boolean {
  return umaResolutionStatus !== null && FINAL_UMA_STATUSES.includes(umaResolutionStatus);
}

function winnerTakesAll(outcomes: readonly ResolvableOutcome[], winner: string | null): Payouts {
  return outcomes.map(({ tokenId }) => partsPerMillion(tokenId === winner ? MICRO : 0n));
}

/** The payouts Gamma's prices show, in the order of the outcomes; null when they are not exactly 1 and 0, or two halves. */
function payoutsShown(outcomes: readonly ResolvableOutcome[], gamma: GammaStatement): Payouts | null {
  const shown = payoutVector(gamma.outcomePrices, gamma.clobTokenIds.length);
  if (shown === null) return null;
  const isOneWinner = shown.includes(partsPerMillion(MICRO));
  if (!isOneWinner && shown.length !== 2) return null;
  return outcomes.map(({ tokenId }) => shown[gamma.clobTokenIds.indexOf(tokenId)] ?? partsPerMillion(0n));
}

function isSame(left: Payouts, right: Payouts): boolean {
  return left.length === right.length && left.every((payout, index) => payout === right[index]);
}

function describe({ outcomes, clob, gamma, announced }: ResolutionStatements): string {
  const nameOf = (tokenId: string | null): string => {
    const outcome = outcomes.find((one) => one.tokenId === tokenId);
    return `${outcome?.name ?? 'unknown outcome'} (token ${tokenId ?? 'none'})`;
  };
  const sentences: string[] = [];
  if (clob !== null) {
    const winners = clob.tokens.filter(({ winner }) => winner).map(({ tokenId }) => nameOf(tokenId));
    const named = winners.length === 0 ? 'no winner' : `winner ${winners.join(' and ')}`;
    sentences.push(`CLOB: ${clob.closed ? 'closed' : 'not closed'}, ${named}.`);
  }
  if (gamma !== null) {
    const prices = gamma.outcomePrices.length === 0 ? 'no prices' : `prices ${gamma.outcomePrices.join(' and ')}`;
    const status = gamma.umaResolutionStatus ?? 'none';
    sentences.push(`Gamma: ${gamma.closed ? 'closed' : 'not closed'}, ${prices}, UMA status ${status}.`);
  }
  if (announced !== null) sentences.push(`Announced: winner ${nameOf(announced.winningTokenId)}.`);
  return sentences.length === 0 ? 'No source answered.' : sentences.join(' ');
}
