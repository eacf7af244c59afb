import { VenueMarket } from '@app/domain';
import {
  marketContentHash,
  MarketChangeRepository,
  MarketFingerprint,
  MarketRepository,
  StagedPage,
  StagedPageRepository,
  SyncFailure,
  SyncPartition,
  SyncPartitionName,
  SyncState,
  SyncStateRepository,
} from '@app/persistence';
import { Clock } from '@app/platform';
import { MarketPage, MAX_PAGE_SIZE, PolymarketClient, VenueBadAnswerError } from '@app/polymarket';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BatchPlan, fingerprintsAfter, IncomingMarket, planBatch } from './batch-plan';
import { BoundedQueue } from './bounded-queue';
import { judgeEnd, PartitionWalk, resumeWalk, stepWalk, WalkStep } from './partition-walk';
import { AttemptStart, endedState, estimateProgress, keepFailures } from './run-plan';
import { LeaseLostError } from './sync-lease';
import { askPatiently, Patience, VenueListError, VenueOutageError } from './venue-patience';

/** What a run stands on. */
export interface SyncEffects {
  venue: PolymarketClient;
  markets: MarketRepository;
  states: SyncStateRepository;
  staged: StagedPageRepository;
  changes: MarketChangeRepository;
  clock: Clock;
}

export interface SyncRunOptions {
  /** Markets per database batch. */
  batchSize: number;
  patience: Patience;
  /** Ends the run after the batch being written. */
  signal: AbortSignal;
  /** Token of the lease the run writes under. */
  token: number;
  onProgress: (state: SyncState) => void;
}

/** About a millisecond a page, which shrinks to an eighth: shorter than the way to a thread and back. */
const COMPRESSION = { level: 1 } as const;
/** Stored pages are forgotten so many at a time. */
const PAGES_FORGOTTEN_AT_ONCE = 40;
/** Pages read ahead of the writing. */
const PAGES_AHEAD = 6;

/** A page on its way from the venue to the store. */
interface ReadPage {
  walk: PartitionWalk;
  markets: VenueMarket[];
  failures: SyncFailure[];
  duplicates: number;
  fetchedAt: Date;
  /** Its number, when a copy of it is staged. */
  stagedAs: number | null;
}

/** A partition that cannot be read to its end. */
interface GivenUp {
  name: SyncPartitionName;
  problem: string;
}

type Read = { page: ReadPage } | { givenUp: GivenUp };

interface PreparedBatch {
  pages: readonly ReadPage[];
  plans: BatchPlan[];
}

/** A batch on its way into the store. */
interface UnderWay {
  done: Promise<void>;
  /** What will be stored of its markets. */
  leaves: ReadonlyMap<string, MarketFingerprint>;
}

/**
 * One attempt at one run, from reading pages to the last saved state.
 *
 * Invariants: a partition's saved cursor never runs ahead of what is stored; a page of a full sync is staged before the next is asked for, and
 * unstaged only after its markets and the cursor behind it are stored; batches are counted as stored in the order they were read. So a run killed anywhere goes on with
 * the pages it had, and asks again only for the one that was on its way.
 */
export class SyncRun {
  private readonly attempt: AttemptStart;
  private readonly queue = new BoundedQueue<Read>(PAGES_AHEAD);
  private readonly stopReading = new AbortController();
  private readonly signal: AbortSignal;
  /** Venue ids met on the open list; only kept when departures are looked for. */
  private readonly seenIds: Set<string> | null;
  private outage: VenueOutageError | null = null;
  /** Staged pages whose markets and cursors are stored. */
  private readonly stored: Pick<StagedPage, 'runId' | 'partition' | 'sequence'>[] = [];
  /** Rows read so far, those of earlier attempts included; runs ahead of what is stored. */
  private rowsRead: number;
  private saving: Promise<void> = Promise.resolve();

  /** @param previous the last run of this kind, to judge by what it found */
  constructor(
    private readonly effects: SyncEffects,
    private readonly options: SyncRunOptions,
    private state: SyncState,
    private readonly previous: SyncState | null,
  ) {
    this.attempt = { at: effects.clock.now(), fetched: state.fetched, percent: state.percent };
    this.signal = AbortSignal.any([options.signal, this.stopReading.signal]);
    this.rowsRead = state.partitions.reduce((sum, partition) => sum + partition.rows, 0);
    this.seenIds = state.kind === 'incremental' && state.limit === null ? new Set() : null;
  }

  /**
   * Reads and writes to the end.
   * @returns the state it ended in: completed, failed, or interrupted when the venue stayed away
   * @throws the signal's reason when stopped, with the state saved as interrupted; LeaseLostError; errors of the store
   */
  async execute(): Promise<SyncState> {
    try {
      await this.saveState(() => ({}));
      await this.findTheWay();
      await this.readAndWrite();
      if (this.outage === null) await this.followDepartures();
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      if (error instanceof VenueOutageError) this.outage = error;
      else if (this.options.signal.aborted) {
        await this.saveState(() => ({ state: 'interrupted', etaSeconds: null }));
        throw error;
      } else throw error;
    }
    if (this.outage !== null) {
      const { message } = this.outage;
      await this.saveState(() => ({ state: 'interrupted', lastError: message, etaSeconds: null }));
      return this.state;
    }
    await this.saveState((state) => endedState(state, this.effects.clock.now()));
    if (this.isStaging()) await this.effects.staged.removeOtherRuns(null);
    return this.state;
  }

  /** Learns the highest venue id, once a run: it only serves the estimate of progress, so a refusal does no harm. */
  private async findTheWay(): Promise<void> {
    if (this.state.newestId !== null) return;
    try {
      const newest = await this.ask(() => this.effects.venue.gamma.findNewestMarketId(this.call()));
      await this.saveState(() => ({ newestId: newest === null ? null : newest.toString() }));
    } catch (error) {
      if (!(error instanceof VenueListError)) throw error;
    }
  }

  private async readAndWrite(): Promise<void> {
    const onStop = (): void => this.queue.fail(this.options.signal.reason);
    this.options.signal.addEventListener('abort', onStop, { once: true });
    const reading = this.readAll().then(
      () => this.queue.close(),
      (error: unknown) => {
        if (error instanceof VenueOutageError) {
          this.outage = error;
          this.queue.close();
        } else this.queue.fail(error);
      },
    );
    try {
      await this.writeAll();
    } catch (error) {
      this.queue.fail(error);
      this.stopReading.abort(error);
      throw error;
    } finally {
      await reading;
      this.options.signal.removeEventListener('abort', onStop);
    }
  }

  // Reading

  private async readAll(): Promise<void> {
    const walks = new Map<SyncPartitionName, PartitionWalk>();
    for (const partition of this.state.partitions) walks.set(partition.name, resumeWalk(partition));
    if (this.isStaging()) await this.replayStaged(walks);
    const open = [...walks.values()].filter((walk) => !walk.done);
    if (this.state.limit === null) {
      await this.allOrNone(open.map((walk) => this.readPartition(walk)));
    } else {
      for (const walk of open) await this.readPartition(walk);
    }
  }

  /** Waits for all; the first failure stops the others, and is thrown when they have stopped. */
  private async allOrNone(readings: Promise<void>[]): Promise<void> {
    let first: { error: unknown } | null = null;
    await Promise.all(
      readings.map((reading) =>
        reading.catch((error: unknown) => {
          first ??= { error };
          this.stopReading.abort(error);
        }),
      ),
    );
    if (first !== null) throw (first as { error: unknown }).error;
  }

  /** Takes up the pages a killed attempt had read and not stored, in the order it read them. */
  private async replayStaged(walks: Map<SyncPartitionName, PartitionWalk>): Promise<void> {
    const { staged, venue } = this.effects;
    await staged.removeOtherRuns(this.state.runId);
    const useless: StagedPage[] = [];
    for await (const page of staged.listOfRun(this.state.runId)) {
      const walk = walks.get(page.partition);
      if (walk === undefined || page.sequence !== walk.pages) {
        useless.push({ ...page, body: Buffer.alloc(0) });
        continue;
      }
      const parsed = venue.gamma.parseMarketsPage(inflateRawSync(page.body));
      const answer = { rows: parsed.rows, nextCursor: page.nextCursor };
      const next = await this.take(walk, answer, stepWalk(walk, answer), page.fetchedAt, page.sequence);
      walks.set(page.partition, next ?? { ...walk, done: true });
    }
    await staged.remove(useless);
  }

  private async readPartition(start: PartitionWalk): Promise<void> {
    let walk = start;
    while (!walk.done) {
      const limit = this.nextPageSize();
      if (limit === 0) return;
      let read: { page: MarketPage; step: WalkStep };
      try {
        read = await this.readPage(walk, limit);
      } catch (error) {
        if (!(error instanceof VenueListError)) throw error;
        await this.queue.push({ givenUp: { name: walk.name, problem: error.message } });
        return;
      }
      const { page, step } = read;
      const fetchedAt = this.effects.clock.now();
      const stagedAs = this.isStaging() ? walk.pages : null;
      if (stagedAs !== null) await this.stage(walk, page, fetchedAt);
      const next = await this.take(walk, page, step, fetchedAt, stagedAs);
      if (next === null) return;
      walk = next;
    }
  }

  /** Asks for the next page, and again for one that cannot belong to a list that advances. */
  private readPage(walk: PartitionWalk, limit: number): Promise<{ page: MarketPage; step: WalkStep }> {
    return this.ask(async () => {
      const page = await this.effects.venue.gamma.fetchMarketsPage(
        { closed: walk.name === 'closed', afterCursor: walk.cursor, limit },
        this.call(),
      );
      const step = stepWalk(walk, page);
      if (step.ok) return { page, step };
      throw new VenueBadAnswerError([{ path: '', reason: step.problem, id: null }], { family: 'gamma' });
    });
  }

  private async stage(walk: PartitionWalk, page: MarketPage, fetchedAt: Date): Promise<void> {
    await this.effects.staged.stage(
      {
        runId: this.state.runId,
        partition: walk.name,
        sequence: walk.pages,
        body: deflateRawSync(page.body, COMPRESSION),
        nextCursor: page.nextCursor,
        fetchedAt,
      },
      fetchedAt,
    );
  }

  /** Hands a page on to the writing. Returns the walk behind it; null when the partition is given up. */
  private async take(
    walk: PartitionWalk,
    page: Pick<MarketPage, 'rows'>,
    step: WalkStep,
    fetchedAt: Date,
    stagedAs: number | null,
  ): Promise<PartitionWalk | null> {
    if (!step.ok) {
      await this.queue.push({ givenUp: { name: walk.name, problem: step.problem } });
      return null;
    }
    this.rowsRead += step.walk.rows - walk.rows;
    for (const row of this.seenIds === null ? [] : page.rows) {
      const id = row.ok ? row.value.gammaId : row.refusal.id;
      if (id !== null) this.seenIds?.add(id);
    }
    const { markets, failures, duplicates } = step;
    await this.queue.push({ page: { walk: step.walk, markets, failures, duplicates, fetchedAt, stagedAs } });
    const problem = step.walk.done && this.state.limit === null ? this.judge(step.walk) : null;
    if (problem === null) return step.walk;
    await this.queue.push({ givenUp: { name: walk.name, problem } });
    return null;
  }

  private judge(walk: PartitionWalk): string | null {
    const givenUp = this.previous?.state === 'failed' ? this.previous.partitions : [];
    return judgeEnd(walk, {
      complete: this.state.coveredRows.find(({ name }) => name === walk.name)?.rows ?? null,
      givenUp: givenUp.find(({ name, error }) => name === walk.name && error !== null)?.rows ?? null,
    });
  }

  private nextPageSize(): number {
    if (this.state.limit === null) return MAX_PAGE_SIZE;
    return Math.max(0, Math.min(MAX_PAGE_SIZE, this.state.limit - this.rowsRead));
  }

  // Writing

  /**
   * Writes batch after batch, each planned by what those before it are going to leave behind. While pages pile up two are under way, so that the
   * store has the next one at hand; else one, so that pages need not wait to be staged. One that meets a market of another waits for it.
   */
  private async writeAll(): Promise<void> {
    let underWay: UnderWay[] = [];
    let last: Promise<void> = Promise.resolve();
    try {
      for await (const group of this.groups()) {
        const expected = new Map(underWay.flatMap(({ leaves }) => [...leaves]));
        const batch = await this.prepare(group, expected);
        const writes = batch.plans.flatMap((plan) => plan.writes);
        const meets = writes.some(({ market }) => expected.has(market.slug));
        const others = this.queue.isFull && !meets ? 1 : 0;
        while (underWay.length > others) {
          await underWay[0]?.done;
          underWay = underWay.slice(1);
        }
        last = this.commit(batch, last);
        last.catch(() => undefined);
        underWay = [...underWay, { done: last, leaves: fingerprintsAfter(writes, this.effects.clock.now()) }];
      }
    } finally {
      await last;
    }
  }

  /** Gathers whole pages up to the batch size, and marks partitions that were given up. */
  private async *groups(): AsyncGenerator<ReadPage[]> {
    let group: ReadPage[] = [];
    let rows = 0;
    for (let read = await this.queue.take(); read !== null; read = await this.queue.take()) {
      if ('givenUp' in read) {
        await this.giveUp(read.givenUp);
        continue;
      }
      if (rows > 0 && rows + read.page.markets.length > this.options.batchSize) {
        yield group;
        group = [];
        rows = 0;
      }
      group.push(read.page);
      rows += read.page.markets.length;
    }
    if (group.length > 0) yield group;
  }

  private async giveUp({ name, problem }: GivenUp): Promise<void> {
    await this.saveState(({ partitions }) => ({
      lastError: problem,
      partitions: partitions.map((one) => (one.name === name ? { ...one, error: problem } : one)),
    }));
  }

  private async prepare(
    pages: readonly ReadPage[],
    expected: ReadonlyMap<string, MarketFingerprint>,
  ): Promise<PreparedBatch> {
    const incoming = pages.flatMap(({ markets, fetchedAt }) =>
      markets.map((market): IncomingMarket => ({ market, fetchedAt, contentHash: marketContentHash(market) })),
    );
    const plans: BatchPlan[] = [];
    for (let from = 0; from < incoming.length; from += this.options.batchSize) {
      const part = incoming.slice(from, from + this.options.batchSize);
      const stored = await this.effects.markets.findFingerprints(part.map(({ market }) => market.slug));
      for (const [slug, fingerprint] of expected) stored.set(slug, fingerprint);
      plans.push(planBatch(part, stored, this.effects.clock.now(), !this.state.baseline));
    }
    return { pages, plans };
  }

  /** @param before the batch before this one: its cursor is saved first, and a failure of it stops this one's */
  private async commit({ pages, plans }: PreparedBatch, before: Promise<void>): Promise<void> {
    const { markets, changes, clock } = this.effects;
    const failures = pages.flatMap((page) => page.failures);
    let written = 0;
    let unchanged = 0;
    for (const plan of plans) {
      const now = clock.now();
      // Before the write: after a crash in between, the same transition is found again and has the same key.
      await changes.append(plan.changes, now);
      const result = await markets.writeBatch(plan.writes, now);
      await this.correctChanges(plan, result, now);
      written += result.written;
      unchanged += plan.unchanged;
      failures.push(...plan.failures);
      failures.push(...result.failures.map(({ slug, reason }) => ({ path: `market ${slug}`, reason, id: null })));
    }
    await before;
    const walks = new Map(pages.map(({ walk }) => [walk.name, walk]));
    await this.saveState((state) => ({
      partitions: state.partitions.map((partition) => advance(partition, walks.get(partition.name))),
      fetched: state.fetched + pages.reduce((sum, page) => sum + page.markets.length + page.failures.length, 0),
      written: state.written + written,
      unchanged: state.unchanged + unchanged,
      failed: state.failed + failures.length,
      failures: keepFailures(state.failures, failures),
      duplicates: state.duplicates + pages.reduce((sum, page) => sum + page.duplicates, 0),
      lastError: state.partitions.find(({ error }) => error !== null)?.error ?? null,
    }));
    await this.forgetStored(pages);
  }

  /** Unstages pages behind the saved cursors, many at a time; those a kill leaves behind are known by their number and unstaged later. */
  private async forgetStored(pages: readonly ReadPage[]): Promise<void> {
    for (const { walk, stagedAs } of pages) {
      if (stagedAs !== null) this.stored.push({ runId: this.state.runId, partition: walk.name, sequence: stagedAs });
    }
    if (this.stored.length >= PAGES_FORGOTTEN_AT_ONCE) await this.effects.staged.remove(this.stored.splice(0));
  }

  /** The change log speaks of what was stored: not of refused markets, and of a renamed one as renamed. */
  private async correctChanges(
    plan: BatchPlan,
    result: Awaited<ReturnType<MarketRepository['writeBatch']>>,
    now: Date,
  ): Promise<void> {
    const corrected = new Set([...result.failures.map(({ slug }) => slug), ...result.renamed.map(({ to }) => to)]);
    if (corrected.size === 0) return;
    await this.effects.changes.remove(plan.changes.filter(({ slug }) => corrected.has(slug)).map(({ key }) => key));
    await this.effects.changes.append(
      result.renamed.map(({ from, to }) => ({
        key: `${to}:renamed:${from}`,
        slug: to,
        kind: 'renamed' as const,
        at: now,
        before: from,
        after: to,
      })),
      now,
    );
  }

  // Departures

  /** Asks by id for markets that are open here and were not on the venue's open list, to learn how they ended. */
  private async followDepartures(): Promise<void> {
    if (this.seenIds === null || this.state.partitions.some(({ error }) => error !== null)) return;
    const seen = this.seenIds;
    const departed = (await this.effects.markets.listOpenGammaIds()).filter((id) => !seen.has(id));
    for (let from = 0; from < departed.length; from += MAX_PAGE_SIZE) {
      const ids = departed.slice(from, from + MAX_PAGE_SIZE);
      let rows: MarketPage['rows'];
      try {
        rows = await this.ask(() => this.effects.venue.gamma.listMarketsByGammaIds(ids, this.call()));
      } catch (error) {
        if (!(error instanceof VenueListError)) throw error;
        await this.countFailures([{ path: 'markets by id', reason: error.message, id: ids[0] ?? null }]);
        continue;
      }
      await this.storeDeparted(ids, rows);
    }
  }

  private async storeDeparted(ids: readonly string[], rows: MarketPage['rows']): Promise<void> {
    const [partition] = this.state.partitions;
    if (partition === undefined) return;
    const answered = new Set(rows.map((row) => (row.ok ? row.value.gammaId : row.refusal.id)));
    const page: ReadPage = {
      walk: resumeWalk(partition),
      markets: rows.flatMap((row) => (row.ok ? [row.value] : [])),
      failures: [
        ...rows.flatMap((row) => (row.ok ? [] : [row.refusal])),
        ...ids
          .filter((id) => !answered.has(id))
          .map((id) => ({ path: 'markets by id', reason: 'the venue no longer knows this market', id })),
      ],
      duplicates: 0,
      fetchedAt: this.effects.clock.now(),
      stagedAs: null,
    };
    await this.commit(await this.prepare([page], new Map()), Promise.resolve());
  }

  private async countFailures(failures: readonly SyncFailure[]): Promise<void> {
    await this.saveState((state) => ({
      failed: state.failed + failures.length,
      failures: keepFailures(state.failures, failures),
    }));
  }

  // Shared

  /** A full sync is long: its pages are worth keeping. An incremental one starts over. */
  private isStaging(): boolean {
    return this.state.kind === 'full';
  }

  private call(): { priority: 'background'; signal: AbortSignal } {
    return { priority: 'background', signal: this.signal };
  }

  private ask<T>(ask: () => Promise<T>): Promise<T> {
    return askPatiently(ask, {
      patience: this.options.patience,
      signal: this.signal,
      onTrouble: (error) => this.saveState(() => ({ lastError: error.message })),
    });
  }

  /** Changes and saves the state, one change after another: readers and the writer both report. */
  private saveState(changesOf: (state: SyncState) => Partial<SyncState>): Promise<void> {
    const saved = this.saving.then(async () => {
      const now = this.effects.clock.now();
      const state = { ...this.state, progressedAt: now, ...changesOf(this.state) };
      const pace = state.state === 'running' ? estimateProgress(state, this.attempt, now) : {};
      this.state = { ...state, ...pace };
      if (!(await this.effects.states.save(this.state, this.options.token, now))) throw new LeaseLostError();
      this.options.onProgress(this.state);
    });
    this.saving = saved.catch(() => undefined);
    return saved;
  }
}

function advance(partition: SyncPartition, walk: PartitionWalk | undefined): SyncPartition {
  if (walk === undefined) return partition;
  return {
    ...partition,
    cursor: walk.cursor,
    pages: walk.pages,
    rows: walk.rows,
    lastId: walk.lastId === null ? null : walk.lastId.toString(),
    firstId: walk.firstId === null ? null : walk.firstId.toString(),
    done: walk.done,
  };
}
