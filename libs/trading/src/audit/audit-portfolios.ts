import { LedgerAudit, OrderAudit, type Portfolio, TradeAudit } from '@app/domain';
import type { TradingRepository } from '@app/persistence';

/** What is wrong with one portfolio. */
export interface PortfolioFindings {
  portfolioId: string;
  /** Every invariant that is broken, as sentences. */
  findings: string[];
}

/** What an audit looked at. */
export interface AuditSummary {
  portfolios: number;
  entries: number;
  orders: number;
  trades: number;
  findings: number;
}

const PAGE = 100;
/** How often a portfolio that changes while it is read is read again. */
const MOST_READS = 20;

/**
 * Audits every portfolio, archived ones too: its ledger entry by entry, and against it the balances, positions, trades and orders. Reads only; what
 * trades meanwhile is read again.
 * @param report called for each portfolio with something wrong
 */
export async function auditPortfolios(
  trading: TradingRepository,
  report: (findings: PortfolioFindings) => void,
): Promise<AuditSummary> {
  const summary: AuditSummary = { portfolios: 0, entries: 0, orders: 0, trades: 0, findings: 0 };
  const tell = (portfolioId: string, findings: string[]): void => {
    if (findings.length > 0) report({ portfolioId, findings });
    summary.findings += findings.length;
  };
  const named = await trading.listNamedPortfolios();
  for await (const { id } of allPortfolios(trading)) {
    const audited = await auditPortfolio(trading, id);
    named.delete(id);
    summary.portfolios += 1;
    summary.entries += audited.entries;
    summary.orders += audited.orders;
    summary.trades += audited.trades;
    tell(id, audited.findings);
  }
  for (const portfolioId of named) {
    if ((await trading.findPortfolio(portfolioId, null)) === null) {
      tell(portfolioId, ['There are orders, trades, positions or ledger entries of a portfolio that is not there.']);
    }
  }
  return summary;
}

/** Audits one portfolio as it was at one moment. */
export async function auditPortfolio(
  trading: TradingRepository,
  portfolioId: string,
): Promise<{ findings: string[]; entries: number; orders: number; trades: number }> {
  for (let reads = 1; ; reads += 1) {
    const portfolio = await trading.findPortfolio(portfolioId, null);
    if (portfolio === null) return { findings: ['There is no such portfolio.'], entries: 0, orders: 0, trades: 0 };
    const audited = await auditAsRead(trading, portfolio);
    const after = await trading.findPortfolio(portfolioId, null);
    if (after?.version === portfolio.version) return audited;
    if (reads === MOST_READS) {
      return {
        ...audited,
        findings: [`It changed each of the ${reads} times it was read; audit it when it is quiet.`],
      };
    }
  }
}

async function auditAsRead(
  trading: TradingRepository,
  portfolio: Portfolio,
): Promise<{ findings: string[]; entries: number; orders: number; trades: number }> {
  const { id: portfolioId } = portfolio;
  const counts = { entries: 0, orders: 0, trades: 0 };
  const ledgerAudit = new LedgerAudit(portfolioId);
  const tradeAudit = new TradeAudit();
  const orderAudit = new OrderAudit(portfolio);
  for await (const entry of trading.streamLedger(portfolioId)) {
    ledgerAudit.add(entry);
    tradeAudit.addEntry(entry);
    counts.entries += 1;
  }
  for (let run = 1; run <= portfolio.run; run += 1) {
    for await (const trade of trading.streamTrades({ portfolioId, run })) {
      tradeAudit.addTrade(trade);
      orderAudit.addTrade(trade);
      counts.trades += 1;
    }
  }
  for await (const order of trading.streamOrders(portfolioId)) {
    orderAudit.addOrder(order);
    counts.orders += 1;
  }
  const positions = await trading.listPositions({ portfolioId });
  const current = positions.filter(({ run }) => run === portfolio.run);
  const findings = [...ledgerAudit.finish(portfolio, positions), ...tradeAudit.finish(), ...orderAudit.finish(current)];
  return { ...counts, findings };
}

async function* allPortfolios(trading: TradingRepository): AsyncGenerator<Portfolio> {
  let after: string | undefined;
  for (;;) {
    const page = await trading.listAllPortfolios({
      includeArchived: true,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.id;
    if (after === undefined) return;
  }
}
