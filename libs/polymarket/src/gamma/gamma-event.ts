import { WireObject } from '../wire/wire-object';
import { GammaEventSummary, readGammaEventSummary } from './gamma-event-summary';
import { GammaMarket, readGammaMarket } from './gamma-market';

/** An event with its markets. Source: GET /events. */
export interface GammaEvent extends GammaEventSummary {
  markets: GammaMarket[];
}

export function readGammaEvent(row: WireObject): GammaEvent {
  return { ...readGammaEventSummary(row), markets: row.list('markets', readGammaMarket) };
}
