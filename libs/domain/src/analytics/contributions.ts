import { MICRO, type MicroPrice, microUsdc, type MicroUsdc } from '../money';
import type { Trade } from '../trading/trade';
import { sideSign } from './execution-costs';
import type { Contribution } from './report';

/** A fill and what it is grouped and judged by. */
export interface GroupedFill<Group extends string = string> extends Pick<
  Trade,
  'tokenId' | 'side' | 'quantity' | 'value' | 'fee'
> {
  group: Group;
  /** What the venue would pay back for it; 0 for takers. */
  estimatedRebate: MicroUsdc;
}

/** What was found of a group so far. */
interface Gathered<Group extends string> {
  /** Shares and cash its fills came to, by token. */
  tokens: Map<string, { shares: bigint; cash: bigint }>;
  total: Contribution<Group>;
}

/**
 * What groups of fills added: each fill held against what its shares are worth now, or paid: worth - value for a buy, value - worth for a sale, fees not taken
 * off. Where all shares of a token came and went by fills, the sum over its fills is the P&L of its position before fees.
 * @param worthOf price of a token now, or what it paid; null where neither is known
 * @returns one contribution a group, the largest volume first
 */
export function contributions<Group extends string>(
  fills: readonly GroupedFill<Group>[],
  worthOf: (tokenId: string) => MicroPrice | null,
): Contribution<Group>[] {
  const groups = new Map<Group, Gathered<Group>>();
  for (const { group, tokenId, side, quantity, value, fee, estimatedRebate } of fills) {
    const into: Gathered<Group> = groups.get(group) ?? { tokens: new Map(), total: emptyContribution(group) };
    groups.set(group, into);
    const token = into.tokens.get(tokenId) ?? { shares: 0n, cash: 0n };
    token.shares += sideSign(side) * quantity;
    token.cash -= sideSign(side) * value;
    into.tokens.set(tokenId, token);
    into.total = {
      ...into.total,
      fills: into.total.fills + 1,
      volume: microUsdc(into.total.volume + value),
      fees: microUsdc(into.total.fees + fee),
      estimatedRebate: microUsdc(into.total.estimatedRebate + estimatedRebate),
    };
  }
  return [...groups.values()]
    .map(({ tokens, total }) => ({ ...total, pnl: pnlOf(tokens, worthOf) }))
    .sort((a, b) => (a.volume === b.volume ? (a.group < b.group ? -1 : 1) : a.volume > b.volume ? -1 : 1));
}

function pnlOf(tokens: Gathered<string>['tokens'], worthOf: (tokenId: string) => MicroPrice | null): MicroUsdc | null {
  let pnl = 0n;
  for (const [tokenId, { shares, cash }] of tokens) {
    const worth = worthOf(tokenId);
    if (worth === null && shares !== 0n) return null;
    const exact = shares * (worth ?? 0n);
    // Rounded down in both directions, as positions are valued.
    const value = exact >= 0n ? exact / MICRO : -((-exact + MICRO - 1n) / MICRO);
    pnl += cash + value;
  }
  return microUsdc(pnl);
}

function emptyContribution<Group extends string>(group: Group): Contribution<Group> {
  const nothing = microUsdc(0n);
  return { group, fills: 0, volume: nothing, pnl: nothing, fees: nothing, estimatedRebate: nothing };
}
