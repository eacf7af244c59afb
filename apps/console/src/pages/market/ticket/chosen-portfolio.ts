import { signal } from '@preact/signals';

const KEY = 'papertrading-pm.portfolio';

const chosen = signal(localStorage.getItem(KEY));

/** Remembers the portfolio to trade with, in this browser. */
export function choosePortfolio(id: string): void {
  localStorage.setItem(KEY, id);
  chosen.value = id;
}

/** The portfolio that was chosen last, else the first that takes orders; undefined when there is none. */
export function chosenOf<P extends { id: string; is_active: boolean }>(portfolios: readonly P[]): P | undefined {
  return portfolios.find(({ id }) => id === chosen.value) ?? portfolios.find((each) => each.is_active) ?? portfolios[0];
}
