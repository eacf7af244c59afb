import { formatMicro, negate } from '../money';
import { LEDGER_ACCOUNTS, type LedgerAccount, type LedgerEntry } from '../trading/ledger';
import type { Portfolio, Position } from '../trading/portfolio';
import { Findings } from './findings';

/** What the entries of one run add up to. */
interface RunTotals {
  balances: Record<LedgerAccount, bigint>;
  /** Shares by token. */
  shares: Map<string, bigint>;
}

/**
 * Checks a ledger entry by entry against everything that must hold of it, and at the end against the portfolio and its positions. Entries are not
 * kept, so a ledger of any length can be checked.
 */
export class LedgerAudit {
  private readonly findings = new Findings();
  private readonly runs = new Map<number, RunTotals>();
  /** Settlements that stand, by key and token: the negated postings and movements a reversal must have. */
  private readonly standing = new Map<string, LedgerEntry[]>();
  private lastSeq = 0;
  private lastRun = 1;
  private cash = 0n;
  private reserved = 0n;

  constructor(private readonly portfolioId: string) {}

  /** Takes the next entry; they come in the order of their numbers. */
  add(entry: LedgerEntry): void {
    const { seq, run, kind } = entry;
    const find = (sentence: string): void => this.find(`Entry ${seq} (${kind}) ${sentence}`);
    if (entry.portfolioId !== this.portfolioId) find(`belongs to portfolio ${entry.portfolioId}.`);
    if (seq !== this.lastSeq + 1) find(`follows entry ${this.lastSeq}.`);
    if (run < this.lastRun) find(`is of run ${run}, after one of run ${this.lastRun}.`);
    this.lastSeq = seq;
    this.lastRun = run;

    const sum = entry.postings.reduce((total, { amount }) => total + amount, 0n);
    if (sum !== 0n) find(`has postings that sum to ${formatMicro(sum)} USDC, not to 0.`);
    const totals = this.totalsOf(run);
    for (const { account, amount } of entry.postings) totals.balances[account] += amount;
    this.checkBalances(entry, find);
    this.checkShares(entry, totals, find);
    this.checkSettlement(entry, find);
  }

  /** Returns every invariant that is broken, as sentences; empty when all hold. `positions` are those of all runs. */
  finish(portfolio: Portfolio, positions: Iterable<Position>): string[] {
    if (portfolio.ledgerSeq !== this.lastSeq) {
      this.find(`The last entry is ${this.lastSeq}, the portfolio says ${portfolio.ledgerSeq}.`);
    }
    if (this.lastRun > portfolio.run)
      this.find(`The ledger is in run ${this.lastRun}, the portfolio in ${portfolio.run}.`);
    const { balances } = this.totalsOf(portfolio.run);
    const owned: readonly [string, bigint, bigint][] = [
      ['cash', portfolio.cash, balances.cash],
      ['reserved cash', portfolio.reserved, balances.reserved],
      ['owed', portfolio.owed, -balances.owed],
      ['realised', portfolio.realised, -balances.realised],
      ['fees', portfolio.fees, balances.fees],
    ];
    for (const [name, kept, booked] of owned) {
      if (kept !== booked) {
        this.find(`The portfolio has ${formatMicro(kept)} USDC ${name}, its ledger says ${formatMicro(booked)}.`);
      }
    }
    for (const [name, amount] of owned.slice(0, 3)) {
      if (amount < 0n) this.find(`The portfolio has ${formatMicro(amount)} USDC ${name}, which is below 0.`);
    }
    this.checkPositions(portfolio, [...positions]);
    return this.findings.told();
  }

  private checkBalances(entry: LedgerEntry, find: (sentence: string) => void): void {
    const amount = (account: LedgerAccount): bigint =>
      entry.postings.reduce((total, posting) => (posting.account === account ? total + posting.amount : total), 0n);
    this.cash += amount('cash');
    this.reserved += amount('reserved');
    if (entry.cashAfter !== this.cash) {
      find(`leaves ${formatMicro(this.cash)} USDC cash and says ${formatMicro(entry.cashAfter)}.`);
      this.cash = entry.cashAfter;
    }
    if (entry.reservedAfter !== this.reserved) {
      find(`leaves ${formatMicro(this.reserved)} USDC reserved and says ${formatMicro(entry.reservedAfter)}.`);
      this.reserved = entry.reservedAfter;
    }
    if (this.cash < 0n || this.reserved < 0n) {
      find(`leaves ${formatMicro(this.cash)} USDC cash and ${formatMicro(this.reserved)} reserved: one is below 0.`);
    }
  }

  private checkShares(entry: LedgerEntry, totals: RunTotals, find: (sentence: string) => void): void {
    for (const { tokenId, change, quantityAfter } of entry.shares) {
      const quantity = (totals.shares.get(tokenId) ?? 0n) + change;
      if (quantity !== quantityAfter) {
        find(`leaves ${formatMicro(quantity)} shares of token ${tokenId} and says ${formatMicro(quantityAfter)}.`);
      }
      if (quantity < 0n) find(`leaves ${formatMicro(quantity)} shares of token ${tokenId}, which is below 0.`);
      totals.shares.set(tokenId, quantity);
    }
  }

  /** A reversal takes back exactly what stands as paid under its key. */
  private checkSettlement(entry: LedgerEntry, find: (sentence: string) => void): void {
    if (entry.kind !== 'settlement' && entry.kind !== 'settlement_reversal') return;
    const [movement] = entry.shares;
    if (entry.settlementKey === null || movement === undefined || entry.shares.length !== 1) {
      find('does not name one token and the version of the result that was paid.');
      return;
    }
    const name = `${entry.run}:${entry.settlementKey}:${movement.tokenId}`;
    const paid = this.standing.get(name) ?? [];
    this.standing.set(name, paid);
    if (entry.kind === 'settlement') {
      paid.push(entry);
      return;
    }
    const amount = (of: LedgerEntry, accounts: readonly LedgerAccount[]): bigint =>
      of.postings.reduce((sum, posting) => (accounts.includes(posting.account) ? sum + posting.amount : sum), 0n);
    const undone = paid.findIndex(
      (settlement) =>
        settlement.shares[0]?.change === negate(movement.change) &&
        amount(settlement, ['positions']) === -amount(entry, ['positions']) &&
        amount(settlement, ['cash']) === -amount(entry, ['cash', 'owed']),
    );
    if (undone === -1) find(`takes back a payment under ${entry.settlementKey} that was not made, or not as much.`);
    else paid.splice(undone, 1);
  }

  private checkPositions(portfolio: Portfolio, positions: readonly Position[]): void {
    const costs = new Map<number, bigint>();
    const seen = new Set<string>();
    for (const position of positions) {
      const { run, tokenId, quantity, reserved, cost, status } = position;
      const find = (sentence: string): void => this.find(`Position ${tokenId} of run ${run} ${sentence}`);
      const name = `${run}:${tokenId}`;
      if (seen.has(name)) find('exists twice.');
      seen.add(name);
      if (position.portfolioId !== this.portfolioId) find(`belongs to portfolio ${position.portfolioId}.`);
      if (reserved < 0n || reserved > quantity) {
        find(`has ${formatMicro(reserved)} of ${formatMicro(quantity)} shares reserved.`);
      }
      if (cost < 0n || (quantity === 0n && cost !== 0n)) {
        find(`holds ${formatMicro(quantity)} shares that cost ${formatMicro(cost)} USDC.`);
      }
      if (quantity > 0n && run !== portfolio.run) find('holds shares although the run is over.');
      if (quantity > 0n !== (status === 'open')) find(`is ${status} with ${formatMicro(quantity)} shares.`);
      const booked = this.totalsOf(run).shares.get(tokenId) ?? 0n;
      if (booked !== quantity) {
        find(`holds ${formatMicro(quantity)} shares, the ledger says ${formatMicro(booked)}.`);
      }
      costs.set(run, (costs.get(run) ?? 0n) + cost);
    }
    for (const [run, { balances, shares }] of this.runs) {
      const cost = costs.get(run) ?? 0n;
      if (cost !== balances.positions) {
        this.find(
          `The positions of run ${run} cost ${formatMicro(cost)} USDC, the ledger says ${formatMicro(balances.positions)}.`,
        );
      }
      for (const [tokenId, quantity] of shares) {
        if (quantity !== 0n && !seen.has(`${run}:${tokenId}`)) {
          this.find(
            `The ledger of run ${run} has ${formatMicro(quantity)} shares of token ${tokenId}, of which there is no position.`,
          );
        }
      }
      if (run === portfolio.run) this.checkRealised(portfolio, positions);
      else this.checkClosedRun(run, balances);
    }
  }

  private checkRealised(portfolio: Portfolio, positions: readonly Position[]): void {
    const ofRun = positions.filter(({ run }) => run === portfolio.run);
    for (const name of ['realised', 'fees'] as const) {
      const sum = ofRun.reduce((total, position) => total + position[name], 0n);
      if (sum !== portfolio[name]) {
        this.find(
          `The positions have ${formatMicro(sum)} USDC ${name}, the portfolio ${formatMicro(portfolio[name])}.`,
        );
      }
    }
  }

  private checkClosedRun(run: number, balances: Record<LedgerAccount, bigint>): void {
    for (const account of ['cash', 'reserved', 'positions', 'owed'] as const) {
      if (balances[account] !== 0n) {
        this.find(`Run ${run} is over and its ledger still has ${formatMicro(balances[account])} USDC ${account}.`);
      }
    }
  }

  private totalsOf(run: number): RunTotals {
    const known = this.runs.get(run);
    if (known !== undefined) return known;
    const balances = Object.fromEntries(LEDGER_ACCOUNTS.map((account) => [account, 0n])) as Record<
      LedgerAccount,
      bigint
    >;
    const totals: RunTotals = { balances, shares: new Map() };
    this.runs.set(run, totals);
    return totals;
  }

  private find(sentence: string): void {
    this.findings.add(sentence);
  }
}

/** Returns every invariant of a ledger that is broken, as sentences; `positions` are those of all runs. */
export function auditLedger(
  entries: Iterable<LedgerEntry>,
  portfolio: Portfolio,
  positions: Iterable<Position>,
): string[] {
  const audit = new LedgerAudit(portfolio.id);
  for (const entry of entries) audit.add(entry);
  return audit.finish(portfolio, positions);
}
