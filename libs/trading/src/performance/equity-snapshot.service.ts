import {
  type AccountState,
  DomainError,
  type EquitySnapshot,
  type EquitySnapshotGrain,
  type EquitySnapshotKind,
  type Valuation,
} from '@app/domain';
import { forEachLimited } from '@app/markets';
import { EquitySnapshotRepository, TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable, Logger } from '@nestjs/common';
import { findAccount } from '../account/read-account';
import { ValuationService } from './valuation.service';

/** Time between snapshots, milliseconds: every one is for a multiple of it. */
export const SNAPSHOT_EVERY_MS = 300_000;
/** A snapshot is taken this long after its time at most, milliseconds; later it would be of another moment. */
export const SNAPSHOT_LATEST_MS = 60_000;
const PORTFOLIOS_A_BATCH = 200;
const PORTFOLIOS_AT_ONCE = 4;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Keeps what portfolios were worth. Taking the snapshots of one time again, here or in another process, changes nothing: the first ones stay.
 */
@Injectable()
export class EquitySnapshotService {
  private readonly logger = new Logger('EquitySnapshots');
  /** The time snapshots were taken for last in this process, Unix milliseconds. */
  private takenFor: number | null = null;

  constructor(
    private readonly trading: TradingRepository,
    private readonly snapshots: EquitySnapshotRepository,
    private readonly valuations: ValuationService,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the snapshots that are due: of every portfolio that is not deleted, for the last multiple of five minutes. A portfolio without shares changes only
   * by its own deeds; it has one an hour. One that cannot be valued in time has none.
   * @returns how many portfolios were looked at; 0 when nothing is due
   */
  async takeDue(now: Date, signal?: AbortSignal): Promise<number> {
    const slot = Math.floor(now.getTime() / SNAPSHOT_EVERY_MS) * SNAPSHOT_EVERY_MS;
    if (slot === this.takenFor || now.getTime() - slot > SNAPSHOT_LATEST_MS) return 0;
    const grain = grainOf(slot, this.takenFor);
    let count = 0;
    let after: string | undefined;
    do {
      const query = { includeArchived: false, limit: PORTFOLIOS_A_BATCH };
      const batch = await this.trading.listAllPortfolios(after === undefined ? query : { ...query, after });
      const taken = await forEachLimited(batch, PORTFOLIOS_AT_ONCE, ({ id }) =>
        this.tryTake(id, new Date(slot), grain),
      );
      await this.snapshots.insertMany(taken.filter((snapshot) => snapshot !== null));
      count += batch.length;
      after = batch.length < PORTFOLIOS_A_BATCH ? undefined : batch.at(-1)?.id;
    } while (after !== undefined && signal?.aborted !== true);
    if (after === undefined) this.takenFor = slot;
    return count;
  }

  /** Returns what an account is worth just before or just after money came in or went out, to be written with that. */
  async atFlow(
    { portfolio, positions }: AccountState,
    kind: Extract<EquitySnapshotKind, 'before_flow' | 'after_flow'>,
    at: Date,
  ): Promise<EquitySnapshot> {
    const valuation = await this.valuations.value(portfolio, positions.values());
    return toSnapshot(portfolio.id, valuation, { at, kind, grain: 'day' });
  }

  /** One portfolio that cannot be valued must not keep the others from a snapshot. @throws DomainError `STORE.UNAVAILABLE` */
  private async tryTake(portfolioId: string, at: Date, grain: EquitySnapshotGrain): Promise<EquitySnapshot | null> {
    try {
      const snapshot = await this.take(portfolioId, at, grain);
      return this.isTooLate(at) ? null : snapshot;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'STORE.UNAVAILABLE') throw error;
      this.logger.error({ msg: 'A portfolio could not be valued', portfolio: portfolioId, err: error });
      return null;
    }
  }

  private isTooLate(at: Date): boolean {
    return this.clock.now().getTime() - at.getTime() > SNAPSHOT_LATEST_MS;
  }

  private async take(portfolioId: string, at: Date, grain: EquitySnapshotGrain): Promise<EquitySnapshot | null> {
    const account = await findAccount(this.trading, portfolioId, null);
    if (account === null || account.portfolio.runStartedAt > at) return null;
    const holdsShares = [...account.positions.values()].some(({ quantity }) => quantity > 0n);
    if (!holdsShares && grain === 'sample') return null;
    const valuation = await this.valuations.value(account.portfolio, account.positions.values());
    return toSnapshot(portfolioId, valuation, { at, kind: 'scheduled', grain });
  }
}

/** How long the snapshots of a time are kept: the first ones of an hour and of a day longer. What came before is not known after a start. */
function grainOf(slot: number, previous: number | null): EquitySnapshotGrain {
  const isFirstOf = (span: number): boolean =>
    previous === null ? slot % span === 0 : Math.floor(slot / span) !== Math.floor(previous / span);
  if (isFirstOf(DAY_MS)) return 'day';
  return isFirstOf(HOUR_MS) ? 'hour' : 'sample';
}

function toSnapshot(
  portfolioId: string,
  valuation: Valuation,
  taken: { at: Date; kind: EquitySnapshotKind; grain: EquitySnapshotGrain },
): EquitySnapshot {
  const { run, cash, reserved, owed, positionsValue, cost, realised, fees, netDeposits } = valuation;
  const { unpriced, unpricedCost, liquidationValue } = valuation;
  return {
    portfolioId,
    run,
    ...taken,
    cash,
    reserved,
    owed,
    positionsValue,
    liquidationValue,
    cost,
    realised,
    fees,
    netDeposits,
    unpriced,
    unpricedCost,
  };
}
