import {
  microPrice,
  type MicroPrice,
  microShares,
  type MicroShares,
  microUsdc,
  type MicroUsdc,
  parseMicro,
} from '../src/money';
import type { MarketOutcomeRef, OrderSide } from '../src/trading/order';
import type { Portfolio } from '../src/trading/portfolio';
import { type AccountState, type AccountChange } from '../src/accounting/account';
import type { SetMarket, SetDecision } from '../src/accounting/complete-sets';
import { openAccount } from '../src/accounting/open-account';
import type { Hold, OrderRef } from '../src/accounting/reservations';

/** Values the specs of accounting are written with. */

export const NOW = new Date('2026-11-22T10:00:00.000Z');

function exact(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text} is no exact amount`);
  return parsed.value;
}

export const usdc = (text: string): MicroUsdc => microUsdc(exact(text));
export const shares = (text: string): MicroShares => microShares(exact(text));
export const price = (text: string): MicroPrice => microPrice(exact(text));

export const CONDITION = `0x${'ab'.repeat(32)}`;

export const outcome = (index: number, condition = CONDITION): MarketOutcomeRef => ({
  marketId: `market-${condition.slice(-2)}`,
  conditionId: condition,
  tokenId: `${condition.slice(-2)}${index}`,
  outcome: index === 0 ? 'Yes' : 'No',
  outcomeIndex: index,
});

export const YES = outcome(0);
export const NO = outcome(1);
export const QUESTION = 'Will it rain?';
export const RAIN: SetMarket = { outcomes: [YES, NO], marketQuestion: QUESTION };

export const aPortfolio = (initialBalance: MicroUsdc): Portfolio => ({
  id: 'portfolio-1',
  userId: 'user-1',
  name: 'First',
  description: null,
  initialBalance,
  cash: usdc('0'),
  reserved: usdc('0'),
  owed: usdc('0'),
  realised: usdc('0'),
  fees: usdc('0'),
  run: 1,
  runStartedAt: NOW,
  profile: 'realistic',
  latency: 'colocated',
  isActive: true,
  archivedAt: null,
  version: 1,
  ledgerSeq: 0,
  openOrders: 0,
  createdAt: NOW,
  updatedAt: NOW,
});

export const opened = (balance: string): AccountChange => openAccount(aPortfolio(usdc(balance)), NOW);

export const anOrder = (side: OrderSide, ref: MarketOutcomeRef = YES, id = 'order-1'): OrderRef => ({
  ...ref,
  id,
  side,
  marketQuestion: QUESTION,
});

export const hold = (cash: string, held = '0'): Hold => ({ cash: usdc(cash), shares: shares(held) });
export const NO_HOLD = hold('0');

/** Returns the change of a decision that must not be refused. */
export function granted(decision: SetDecision): AccountChange {
  if (!decision.ok) throw new Error(decision.refusal.message);
  return decision.change;
}

/** What an account has, as text. */
export function balances({
  portfolio,
}: AccountState): Record<'cash' | 'reserved' | 'owed' | 'realised' | 'fees', bigint> {
  const { cash, reserved, owed, realised, fees } = portfolio;
  return { cash, reserved, owed, realised, fees };
}
