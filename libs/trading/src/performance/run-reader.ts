import {
  type AccountState,
  DomainError,
  microShares,
  type Portfolio,
  type Position,
  type RunHistory,
  RunWalk,
} from '@app/domain';
import { RunHistoryRepository, TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { readAccount } from '../account/read-account';
import type { Owner } from '../owner';
import { RunMemory } from './run-memory';

/** How far ahead of this process's clock a client's may be, milliseconds. */
const CLOCK_TOLERANCE_MS = 60_000;

/** One run of a portfolio up to a moment. */
export interface ReadRun {
  portfolio: Portfolio;
  run: number;
  startedAt: Date;
  asOf: Date;
  /** Whether the moment is now, of the current run. */
  isNow: boolean;
  history: RunHistory;
  /** Positions of the run, as they were at the moment. */
  positions: readonly Position[];
}

/** Reads runs from their ledgers, and holds what comes out against what is stored. */
@Injectable()
export class RunReader {
  constructor(
    private readonly trading: TradingRepository,
    private readonly histories: RunHistoryRepository,
    private readonly memory: RunMemory,
    private readonly clock: Clock,
  ) {}

  /**
   * @param asOf null for now
   * @throws DomainError `PORTFOLIO.NOT_FOUND`; `REQUEST.UNACCEPTABLE` for a moment in the future or before the portfolio was opened
   * @throws Error when the ledger does not give what the portfolio holds
   */
  async read(owner: Owner, portfolioId: string, asOf: Date | null): Promise<ReadRun> {
    const account = await readAccount(this.trading, owner, portfolioId);
    const now = this.clock.now();
    if (asOf === null || (asOf >= now && asOf.getTime() <= now.getTime() + CLOCK_TOLERANCE_MS)) {
      return this.readCurrent(account, now);
    }
    if (asOf > now) throw unacceptable(`lies in the future; it is ${now.toISOString()} now`);
    return this.readPast(account.portfolio, asOf);
  }

  private async readCurrent({ portfolio, positions }: AccountState, now: Date): Promise<ReadRun> {
    const { id, run, ledgerSeq, runStartedAt: startedAt } = portfolio;
    const held = [...positions.values()];
    let history = await this.memory.read(id, run, ledgerSeq);
    if (contradiction(portfolio, held, history) !== null) {
      this.memory.forget(id, run);
      history = await this.memory.read(id, run, ledgerSeq);
      const wrong = contradiction(portfolio, held, history);
      if (wrong !== null) throw new Error(wrong);
    }
    return { portfolio, run, startedAt, asOf: now, isNow: true, history, positions: held };
  }

  private async readPast(current: Portfolio, asOf: Date): Promise<ReadRun> {
    const moment = await this.histories.findMoment(current.id, asOf);
    if (moment === null)
      throw unacceptable(`lies before the portfolio was opened, at ${current.createdAt.toISOString()}`);
    const { run } = moment;
    const walk = new RunWalk();
    const range = { portfolioId: current.id, run, afterSeq: 0, lastSeq: moment.seq };
    const [positions] = await Promise.all([
      this.trading.listPositions({ portfolioId: current.id, run }),
      this.histories.eachEntry(range, (entry) => walk.take(entry)),
    ]);
    const history = walk.history();
    const last = history.steps.at(-1);
    const first = history.steps[0];
    if (last === undefined || first === undefined)
      throw new Error(`run ${run} of portfolio ${current.id} has no entries`);
    const { cash, reserved, owed, realised, fees } = last;
    return {
      portfolio: { ...current, cash, reserved, owed, realised, fees, run, runStartedAt: first.at },
      run,
      startedAt: first.at,
      asOf,
      isNow: false,
      history,
      positions: positions.flatMap((position) => positionThen(position, history) ?? []),
    };
  }
}

/** A position as it was at the end of a history; null when it was not there yet. What was held of it for orders is not known any more. */
function positionThen(position: Position, history: RunHistory): Position | null {
  const step = history.tokens.get(position.tokenId)?.at(-1);
  if (step === undefined) return null;
  const { quantity, cost, realised, fees, at: updatedAt } = step;
  const status = quantity > 0n ? 'open' : position.status === 'open' ? 'closed' : position.status;
  return { ...position, quantity, cost, realised, fees, status, updatedAt, reserved: microShares(0n) };
}

/** Returns what the ledger and the portfolio do not agree on, as a sentence: a report over either would be wrong; null when they agree. */
function contradiction(portfolio: Portfolio, positions: readonly Position[], history: RunHistory): string | null {
  const last = history.steps.at(-1);
  for (const balance of ['cash', 'reserved', 'owed', 'realised', 'fees'] as const) {
    if ((last?.[balance] ?? 0n) === portfolio[balance]) continue;
    return `the ledger of portfolio ${portfolio.id} gives ${last?.[balance]} of ${balance}, and it has ${portfolio[balance]}`;
  }
  for (const position of positions) {
    const step = history.tokens.get(position.tokenId)?.at(-1);
    const isSame = (['quantity', 'cost', 'realised', 'fees'] as const).every(
      (field) => (step?.[field] ?? 0n) === position[field],
    );
    if (!isSame) return `the ledger of portfolio ${portfolio.id} gives another position of ${position.tokenId}`;
  }
  return null;
}

function unacceptable(message: string): DomainError {
  return new DomainError('REQUEST.UNACCEPTABLE', `as_of ${message}`, { fields: [{ field: 'as_of', message }] });
}
