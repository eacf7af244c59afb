import type { PartsPerMillion } from '../money';

/** Where a result was read: the CLOB's one winner, or Gamma's final prices with a final UMA status. */
export const RESOLUTION_SOURCES = ['clob', 'gamma'] as const;
export type ResolutionSource = (typeof RESOLUTION_SOURCES)[number];

/** An accepted result. A changed result gets the next version. */
export interface AcceptedResolution {
  conditionId: string;
  marketId: string;
  version: number;
  /** Token of each outcome: what is paid goes by these, not by the order a market lists its outcomes in now. */
  tokenIds: readonly string[];
  /** Parallel to the tokens, summing to 1,000,000. */
  payouts: readonly PartsPerMillion[];
  source: ResolutionSource;
  /** What the venue said, as text a person can check. */
  evidence: string;
  acceptedAt: Date;
}
