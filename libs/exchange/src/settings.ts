import { microUsdc, type MicroUsdc } from '@app/domain';

/** The constants of the fill model. Every time is in milliseconds. */
export interface ExchangeSettings {
  /** T_rec (A2): how old the last successful comparison with a REST book may be, for markets with open orders. */
  reconcileWithinMs: number;
  /** T_rec for markets without open orders. */
  reconcileIdleWithinMs: number;
  /** Time between two pings of the stream (A2): a book whose last answer is older than two of them is stale. */
  pingIntervalMs: number;
  /** How long two views of a level may differ before the book is held to be wrong (B1). */
  mismatchLastsMs: number;
  /** H (E2): after this time half of what was taken of an unchanged level counts as displayed by somebody else. 0: at once. */
  overlayHalfLifeMs: number;
  /** W (F7): how long a quote must cross a resting order before it fills it. */
  crossedWaitMs: number;
  /** C3: a gtd order must expire later than this from now. */
  gtdMinimumLeadMs: number;
  /** C3: a gtd order stops resting this long before it expires. */
  gtdStopsBeforeMs: number;
  /** C1: least value of a marketable buy. */
  marketableMinimum: MicroUsdc;
  /** C1: whether the market's minimum size binds fok and fak orders too. */
  minimumSizeBindsImmediate: boolean;
  latency: LatencySettings;
}

/** D1: how long orders travel, by profile, in milliseconds. `ideal` is 0. */
export interface LatencySettings {
  colocatedMs: number;
  retailMs: number;
  /** `retail` adds from 0 to this much, evenly spread. */
  retailJitterMs: number;
  /** Measured by whoever runs the deployment. */
  recordedMs: number;
}

export const DEFAULT_EXCHANGE_SETTINGS: ExchangeSettings = {
  reconcileWithinMs: 60_000,
  reconcileIdleWithinMs: 600_000,
  pingIntervalMs: 10_000,
  mismatchLastsMs: 2_000,
  overlayHalfLifeMs: 60_000,
  crossedWaitMs: 500,
  gtdMinimumLeadMs: 60_000,
  gtdStopsBeforeMs: 60_000,
  marketableMinimum: microUsdc(1_000_000n),
  minimumSizeBindsImmediate: false,
  latency: { colocatedMs: 5, retailMs: 120, retailJitterMs: 80, recordedMs: 120 },
};

/** Version of the rules that decide fills; every receipt carries it. */
export const FILL_MODEL_VERSION = 1;
