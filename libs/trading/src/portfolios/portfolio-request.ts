import type { ExecutionProfile, LatencyProfile, MicroShares, MicroUsdc } from '@app/domain';
import type { MarketKey } from '@app/markets';

/** A portfolio to open. */
export interface NewPortfolio {
  name: string;
  description: string | null;
  initialBalance: MicroUsdc;
  /** `realistic` when left out. */
  profile?: ExecutionProfile;
  /** What goes with the profile when left out. */
  latency?: LatencyProfile;
}

/** What of a portfolio its owner may change; what is left out stays. */
export interface PortfolioChange {
  name?: string;
  description?: string | null;
  isActive?: boolean;
}

/** A number of complete sets of one market. */
export interface CompleteSets {
  market: MarketKey;
  quantity: MicroShares;
}

/** How long orders travel in a portfolio that does not say. */
export const LATENCY_OF_PROFILE: Readonly<Record<ExecutionProfile, LatencyProfile>> = {
  ideal: 'ideal',
  realistic: 'colocated',
  conservative: 'retail',
};
