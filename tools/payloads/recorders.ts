import { type MicroPrice, type VenueMarket } from '@app/domain';
import { readVenueMarket, type WireObject } from '@app/polymarket';

/** Reads a line of a recorder that keeps the market's own answer under `raw`, and checks that both speak of the same market. */
export function readRecordedMarket(line: WireObject): VenueMarket {
  const market = readVenueMarket(line.object('raw'));
  return line.text('slug').toLowerCase() === market.slug
    ? market
    : line.refuse('slug', `the slug of raw, ${market.slug}`);
}

/** The best prices of both outcomes of a market at one moment, polled by a bot: derived, not a form of the venue. */
export interface TopOfBookSample {
  slug: string;
  conditionId: string;
  takenAt: Date;
  up: { bid: MicroPrice | null; ask: MicroPrice | null };
  down: { bid: MicroPrice | null; ask: MicroPrice | null };
}

export function readTopOfBookSample(line: WireObject): TopOfBookSample {
  const seconds = line.ratio('timestamp') ?? line.refuse('timestamp', 'a Unix time in seconds');
  return {
    slug: line.text('slug'),
    conditionId: line.hash('condition_id'),
    takenAt: new Date(seconds * 1_000),
    up: { bid: line.price('up_best_bid'), ask: line.price('up_best_ask') },
    down: { bid: line.price('down_best_bid'), ask: line.price('down_best_ask') },
  };
}
