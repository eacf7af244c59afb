import { costOf, equalParts } from '../accounting/cost-basis';
import { microShares, type MicroShares, microUsdc, type MicroUsdc, negate } from '../money';
import type { LedgerAccount, LedgerEntry, ShareMovement } from '../trading/ledger';
import { type ClosedLot, LotBook } from './lots';
import type { ExternalFlow } from './returns';

/** What of a ledger entry the history of a run is made of. */
export interface RunEntry extends Pick<
  LedgerEntry,
  'kind' | 'postings' | 'cashAfter' | 'reservedAfter' | 'settlementKey' | 'at'
> {
  shares: readonly Pick<ShareMovement, 'tokenId' | 'change'>[];
}

/** The money of a run after one entry. */
export interface RunStep {
  at: Date;
  cash: MicroUsdc;
  reserved: MicroUsdc;
  owed: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
}

/** One token's shares after one entry that changed them. */
export interface TokenStep {
  at: Date;
  quantity: MicroShares;
  cost: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
}

/** A run told from its ledger: money and shares after each entry, in order, and what was closed on the way. */
export interface RunHistory {
  steps: readonly RunStep[];
  /** By token id, in the order of their first shares. */
  tokens: ReadonlyMap<string, readonly TokenStep[]>;
  flows: readonly ExternalFlow[];
  lots: { averageCost: readonly ClosedLot[]; fifo: readonly ClosedLot[] };
  fills: number;
}

/** Walks all entries of a run; see {@link RunWalk}. */
export function walkRun(entries: Iterable<RunEntry>): RunHistory {
  const walk = new RunWalk();
  for (const entry of entries) walk.take(entry);
  return walk.history();
}

const NOTHING: Omit<TokenStep, 'at'> = {
  quantity: microShares(0n),
  cost: microUsdc(0n),
  realised: microUsdc(0n),
  fees: microUsdc(0n),
};

/**
 * Walks the entries of one run once, in order, and can be stopped and gone on with. Shares and their cost come out as the accounting has them: a split costs each
 * outcome an equal part, a merge closes each at its average cost, the end of the run gives everything up.
 */
export class RunWalk {
  private readonly steps: RunStep[] = [];
  private readonly tokens = new Map<string, TokenStep[]>();
  private readonly flows: ExternalFlow[] = [];
  private readonly lots = new LotBook();
  private fills = 0;
  private owed = 0n;
  private realised = 0n;
  private fees = 0n;

  /** How many entries were taken. */
  get length(): number {
    return this.steps.length;
  }

  /** @throws Error for an entry that is none of a run */
  take(entry: RunEntry): void {
    const amount = (account: LedgerAccount): bigint =>
      entry.postings.find((posting) => posting.account === account)?.amount ?? 0n;
    this.owed -= amount('owed');
    this.realised -= amount('realised');
    this.fees += amount('fees');
    const external = amount('external');
    if (external !== 0n) this.flows.push({ at: entry.at, amount: microUsdc(-external) });
    this.moveShares(entry, amount);
    this.steps.push({
      at: entry.at,
      cash: entry.cashAfter,
      reserved: entry.reservedAfter,
      owed: microUsdc(this.owed),
      realised: microUsdc(this.realised),
      fees: microUsdc(this.fees),
    });
  }

  /** Returns what was walked so far; going on does not change it. */
  history(): RunHistory {
    return {
      steps: [...this.steps],
      tokens: new Map([...this.tokens].map(([tokenId, steps]) => [tokenId, [...steps]])),
      flows: [...this.flows],
      fills: this.fills,
      lots: this.lots.closed(),
    };
  }

  private moveShares(entry: RunEntry, amount: (account: LedgerAccount) => bigint): void {
    const { kind, shares, at } = entry;
    switch (kind) {
      case 'buy':
      case 'sell':
      case 'settlement':
      case 'settlement_reversal': {
        const [movement] = shares;
        if (movement === undefined || shares.length !== 1) throw new Error(`a ${kind} moves the shares of one token`);
        if (kind === 'buy' || kind === 'sell') this.fills += 1;
        this.moveOne(entry, movement, amount('positions'), -amount('realised'), amount('fees'));
        return;
      }
      case 'split': {
        const costs = equalParts(amount('positions'), shares.length);
        for (const [index, movement] of shares.entries()) this.moveOne(entry, movement, costs[index] ?? 0n, 0n, 0n);
        return;
      }
      case 'merge': {
        const earned = equalParts(amount('cash'), shares.length);
        for (const [index, movement] of shares.entries()) {
          const cost = costOf(this.now(movement.tokenId), negate(movement.change));
          this.moveOne(entry, movement, negate(cost), (earned[index] ?? 0n) - cost, 0n);
        }
        return;
      }
      case 'withdrawal':
        for (const { tokenId } of shares) {
          this.remember(tokenId, { ...this.now(tokenId), quantity: microShares(0n), cost: microUsdc(0n), at });
        }
        return;
      case 'deposit':
      case 'reserve':
      case 'release':
      case 'repayment':
        return;
    }
  }

  private moveOne(
    entry: RunEntry,
    { tokenId, change }: Pick<ShareMovement, 'tokenId' | 'change'>,
    costChange: bigint,
    realised: bigint,
    fee: bigint,
  ): void {
    const before = this.now(tokenId);
    this.remember(tokenId, {
      at: entry.at,
      quantity: microShares(before.quantity + change),
      cost: microUsdc(before.cost + costChange),
      realised: microUsdc(before.realised + realised),
      fees: microUsdc(before.fees + fee),
    });
    this.noteLots(entry, tokenId, change, costChange, realised, fee);
  }

  private noteLots(
    { kind, settlementKey, at }: RunEntry,
    tokenId: string,
    change: bigint,
    costChange: bigint,
    realised: bigint,
    fee: bigint,
  ): void {
    if (kind === 'settlement_reversal') {
      this.lots.reopen(tokenId, settlementKey ?? '');
    } else if (change > 0n) {
      this.lots.open(tokenId, { quantity: change, cost: costChange, fees: fee, at });
    } else if (change < 0n) {
      const reason = kind === 'merge' || kind === 'settlement' ? kind : 'sell';
      this.lots.close(tokenId, { quantity: -change, proceeds: realised - costChange, fee, at, reason, settlementKey });
    }
  }

  private now(tokenId: string): Omit<TokenStep, 'at'> {
    return this.tokens.get(tokenId)?.at(-1) ?? NOTHING;
  }

  private remember(tokenId: string, step: TokenStep): void {
    const steps = this.tokens.get(tokenId);
    if (steps === undefined) this.tokens.set(tokenId, [step]);
    else steps.push(step);
  }
}
