import { DomainError } from '@app/domain';
import {
  JobRun,
  JobRunRepository,
  type StoreTransaction,
  StoreTransactions,
  SyncKind,
  SyncStateRepository,
} from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { Injectable } from '@nestjs/common';

/** What a refresh should read. */
export interface MarketRefreshRequest {
  kind: SyncKind;
  activeOnly: boolean;
  /** At most this many markets; null for all. */
  limit: number | null;
  requestedBy: string;
}

/** Writes what belongs to a job together with it: neither is there without the other. */
export type WriteWithJob = (job: JobRun, transaction: StoreTransaction) => Promise<void>;

/** Refreshes on demand: queued here, done by the sync worker. */
@Injectable()
export class MarketRefreshService {
  constructor(
    private readonly jobs: JobRunRepository,
    private readonly syncStates: SyncStateRepository,
    private readonly transactions: StoreTransactions,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `JOB.ALREADY_RUNNING` when a sync of this kind is queued or running, by hand or by the clock */
  async request(request: MarketRefreshRequest, writeWithJob?: WriteWithJob): Promise<JobRun> {
    const now = this.clock.now();
    const lease = await this.syncStates.findLease();
    if (lease !== null && lease.kind === request.kind && lease.until > now) {
      throw new DomainError(
        'JOB.ALREADY_RUNNING',
        `A sync of kind ${request.kind} is running; /markets/stats tells how far it is.`,
      );
    }
    const job = await this.enqueue(request, now, writeWithJob);
    if (job !== null) return job;
    const open = await this.jobs.findOpen(request.kind);
    const which = open === null ? '' : `: job ${open.id}, ${open.state}`;
    throw new DomainError('JOB.ALREADY_RUNNING', `A refresh of kind ${request.kind} is already asked for${which}.`);
  }

  /** @throws DomainError `JOB.NOT_FOUND` */
  async get(jobId: string): Promise<JobRun> {
    const job = await this.jobs.find(jobId);
    if (job === null) throw new DomainError('JOB.NOT_FOUND', `There is no refresh job ${jobId}.`);
    return job;
  }

  /** Returns one page of the refreshes asked for in the last 90 days, the latest first, and how many there are. */
  list(page: { page: number; pageSize: number }): Promise<{ jobs: JobRun[]; total: number }> {
    return this.jobs.list(page);
  }

  private async enqueue(request: MarketRefreshRequest, now: Date, writeWithJob?: WriteWithJob): Promise<JobRun | null> {
    const { kind, limit, activeOnly, requestedBy } = request;
    const queued = { id: newId(now.getTime()), kind, parameters: { limit, activeOnly }, requestedBy };
    try {
      return await this.transactions.run(async (transaction) => {
        const job = await this.jobs.enqueue(queued, now, transaction);
        if (job === null) throw new AlreadyOpen();
        await writeWithJob?.(job, transaction);
        return job;
      });
    } catch (error) {
      if (error instanceof AlreadyOpen) return null;
      throw error;
    }
  }
}

/** Ends the transaction of a job while one of its kind is open. */
class AlreadyOpen extends Error {}
