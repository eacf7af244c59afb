import { formatMicro, negate } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import type { Trade } from '../trading/trade';
import { Findings } from './findings';

type AuditedTrade = Pick<Trade, 'id' | 'orderId' | 'tokenId' | 'side' | 'quantity' | 'value' | 'fee' | 'realised'>;

interface BookedTrade {
  seq: number;
  orderId: string | null;
  tokenId: string | undefined;
  /** Shares that came in; negative for those that went out. */
  change: bigint;
  fee: bigint;
  /** What a buy added to the cost of the positions; what a sale earned and gave up of it together. */
  value: bigint;
  realised: bigint;
}

/** Checks that each trade is booked exactly once, as what it was. The ledger comes first. */
export class TradeAudit {
  private readonly findings = new Findings();
  /** Booked trades that have not come yet. */
  private readonly booked = new Map<string, BookedTrade>();

  /** Takes an entry of the ledger. */
  addEntry(entry: LedgerEntry): void {
    const { seq, kind, tradeId, orderId } = entry;
    if (kind !== 'buy' && kind !== 'sell') {
      if (tradeId !== null) this.findings.add(`Entry ${seq} (${kind}) names trade ${tradeId}.`);
      return;
    }
    if (tradeId === null) {
      this.findings.add(`Entry ${seq} (${kind}) names no trade.`);
      return;
    }
    const earlier = this.booked.get(tradeId);
    if (earlier !== undefined) {
      this.findings.add(`Trade ${tradeId} is booked by entries ${earlier.seq} and ${seq}.`);
      return;
    }
    const amount = (account: LedgerEntry['postings'][number]['account']): bigint =>
      entry.postings.find((posting) => posting.account === account)?.amount ?? 0n;
    this.booked.set(tradeId, {
      seq,
      orderId,
      tokenId: entry.shares[0]?.tokenId,
      change: entry.shares[0]?.change ?? 0n,
      fee: amount('fees'),
      value: kind === 'buy' ? amount('positions') : -amount('positions') - amount('realised'),
      realised: -amount('realised'),
    });
  }

  /** Takes a trade, in any order. */
  addTrade(trade: AuditedTrade): void {
    const booked = this.booked.get(trade.id);
    if (booked === undefined) {
      this.findings.add(`Trade ${trade.id} is not booked, or is there twice.`);
      return;
    }
    this.booked.delete(trade.id);
    const expected: [string, bigint | string | undefined, bigint | string | undefined][] = [
      ['order', booked.orderId ?? undefined, trade.orderId],
      ['token', booked.tokenId, trade.tokenId],
      ['shares', booked.change, trade.side === 'buy' ? trade.quantity : negate(trade.quantity)],
      ['value', booked.value, trade.value],
      ['fee', booked.fee, trade.fee],
      ['realised', booked.realised, trade.realised ?? 0n],
    ];
    for (const [what, inLedger, inTrade] of expected) {
      if (inLedger !== inTrade) {
        this.findings.add(`Trade ${trade.id} has ${what} ${say(inTrade)}, entry ${booked.seq} says ${say(inLedger)}.`);
      }
    }
  }

  /** Returns every invariant that is broken, as sentences; empty when all hold. */
  finish(): string[] {
    for (const [tradeId, { seq }] of this.booked)
      this.findings.add(`Entry ${seq} books trade ${tradeId}, and there is none.`);
    return this.findings.told();
  }
}

function say(value: bigint | string | undefined): string {
  return typeof value === 'bigint' ? formatMicro(value) : (value ?? 'none');
}
