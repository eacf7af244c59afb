import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { priceSignal } from '../../live/live';
import { formatPrice } from '../../ui/format';

interface OutcomePickerProps {
  market: Schemas['MarketDetail'];
  outcomeIndex: number;
  onOutcome: (index: number) => void;
}

/** Chooses the outcome whose price, book and trades are shown. */
export function OutcomePicker({ market, outcomeIndex, onOutcome }: OutcomePickerProps): JSX.Element {
  return (
    <div class="row outcomes" role="group" aria-label="Outcome">
      {market.outcomes.map((outcome, index) => (
        <button key={outcome} type="button" aria-pressed={index === outcomeIndex} onClick={() => onOutcome(index)}>
          {outcome} <strong>{formatPrice(shownPrice(market, index))}</strong>
        </button>
      ))}
    </div>
  );
}

/** The price of an outcome: as it is told, else as it was stored. */
export function shownPrice(market: Schemas['MarketDetail'], index: number): number | null {
  const stored = market.outcome_prices[index];
  return priceSignal(market.slug, index).value?.price ?? (stored === undefined ? null : Number(stored));
}
