import { StagedPage, SyncState } from '@app/persistence';
import { aVenueMarket } from '@app/testing';
import { hostname } from 'node:os';
import { startSyncHarness, SyncHarness } from './sync-harness';

let harness: SyncHarness;

beforeEach(async () => {
  harness = await startSyncHarness(700);
});

afterEach(() => harness.stop());

async function stagedPages(runId: string): Promise<StagedPage[]> {
  const pages: StagedPage[] = [];
  for await (const page of harness.staged.listOfRun(runId)) pages.push(page);
  return pages;
}

function stateOf(result: Awaited<ReturnType<SyncHarness['sync']>>): SyncState {
  if (!('state' in result)) throw new Error(`no state: the run was ${result.outcome}`);
  return result.state;
}

/** Runs a full sync that is stopped after some saved steps. */
async function stopAfter(steps: number, batchSize = 100): Promise<SyncState> {
  const stop = new AbortController();
  let seen = 0;
  const result = await harness.sync(
    { kind: 'full' },
    {
      batchSize,
      signal: stop.signal,
      onProgress: () => {
        seen += 1;
        if (seen === steps) stop.abort(new Error('stopped by the test'));
      },
    },
  );
  expect(result.outcome).toBe('interrupted');
  return stateOf(result);
}

describe('a full sync', () => {
  it('stores every listed market, open and closed, as the venue has it', async () => {
    const state = stateOf(await harness.sync({ kind: 'full' }));
    await harness.expectCatalogueEqualsVenue();
    const listed = await harness.venue.markets({ listed: true });
    expect(state).toMatchObject({
      state: 'completed',
      fetched: listed.length,
      written: listed.length,
      unchanged: 0,
      failed: 0,
      percent: 100,
      etaSeconds: 0,
      lastError: null,
    });
    expect(state.partitions.map(({ done }) => done)).toEqual([true, true]);
    expect([...harness.pagesAsked().values()].every((times) => times === 1)).toBe(true);
    expect(await stagedPages(state.runId)).toEqual([]);
    expect(await harness.states.findLease()).toBeNull();
  });

  it('writes only what changed the second time, and logs the changes once', async () => {
    await harness.sync({ kind: 'full' });
    const [open] = await harness.markets.listPage(
      { closed: false },
      { key: 'volume', descending: true },
      { skip: 0, limit: 1 },
    );
    await harness.venue.change(open!.slug, { resolve: 0 });
    const [added] = await harness.venue.addMarkets(1);
    const state = stateOf(await harness.sync({ kind: 'full' }));
    await harness.expectCatalogueEqualsVenue();
    expect(state.written).toBe(2);
    await harness.sync({ kind: 'full' });
    const changes = await harness.changes.listNewest({ limit: 100 });
    expect(changes.map(({ slug, kind }) => `${kind} ${slug}`).sort()).toEqual(
      [`added ${added}`, `closed ${open!.slug}`, `resolved ${open!.slug}`].sort(),
    );
  });

  it('goes on after a stop without asking again for a page it has', async () => {
    const stopped = await stopAfter(4);
    expect(stopped.state).toBe('interrupted');
    expect(await harness.states.findLease()).toBeNull();
    const state = stateOf(await harness.sync({ kind: 'full' }));
    expect(state).toMatchObject({ runId: stopped.runId, state: 'completed', startedAt: stopped.startedAt });
    await harness.expectCatalogueEqualsVenue();
    const repeated = harness.venue.requests().keyset_pages.filter(({ completed }) => completed);
    const asked = repeated.map(({ filters, after_cursor }) => `${filters} ${after_cursor}`);
    // At most the one page of each list that was on its way when the run stopped.
    expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(2);
  });

  it('starts over when the interrupted run was narrower than what is asked', async () => {
    const first = stateOf(await harness.sync({ kind: 'full', limit: 120 }));
    expect(first).toMatchObject({ state: 'completed', fetched: 120, coveredSince: null });
    const second = stateOf(await harness.sync({ kind: 'full', activeOnly: true }));
    expect(second.partitions.map(({ name }) => name)).toEqual(['open']);
    expect(second.coveredSince).toBeNull();
    const third = stateOf(await harness.sync({ kind: 'full' }));
    expect(third.coveredSince).toEqual(third.startedAt);
  });
});

describe('an incremental sync', () => {
  it('writes nothing when nothing changed', async () => {
    await harness.sync({ kind: 'full' });
    const state = stateOf(await harness.sync({ kind: 'incremental' }));
    const open = await harness.markets.count({ closed: false, active: true });
    expect(state).toMatchObject({ state: 'completed', fetched: open, written: 0, unchanged: open, failed: 0 });
    expect(await harness.changes.listNewest({ limit: 10 })).toEqual([]);
  });

  it('learns how a market ended that left the open list', async () => {
    await harness.sync({ kind: 'full' });
    const [open] = await harness.markets.listPage(
      { closed: false },
      { key: 'volume', descending: true },
      { skip: 0, limit: 1 },
    );
    await harness.venue.change(open!.slug, { resolve: 1 });
    expect(stateOf(await harness.sync({ kind: 'incremental' })).written).toBe(1);
    expect(await harness.markets.findBySlug(open!.slug)).toMatchObject({
      closed: true,
      resolution: { status: 'resolved', winningOutcomeIndex: 1 },
    });
    const kinds = (await harness.changes.listNewest({ slug: open!.slug, limit: 10 })).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['closed', 'resolved']);
  });

  it('follows a market to its new slug', async () => {
    await harness.sync({ kind: 'full' });
    const [open] = await harness.markets.listPage(
      { closed: false },
      { key: 'volume', descending: true },
      { skip: 0, limit: 1 },
    );
    await harness.venue.change(open!.slug, { slug: 'a-brand-new-name' });
    await harness.sync({ kind: 'incremental' });
    expect(await harness.markets.findBySlug(open!.slug)).toBeNull();
    expect(await harness.markets.findBySlug('a-brand-new-name')).not.toBeNull();
    expect(await harness.changes.listNewest({ limit: 10 })).toMatchObject([
      { kind: 'renamed', before: open!.slug, after: 'a-brand-new-name' },
    ]);
  });

  it('does not overwrite what was fetched later by another process', async () => {
    await harness.sync({ kind: 'full' });
    const [open] = await harness.markets.listPage(
      { closed: false },
      { key: 'volume', descending: true },
      { skip: 0, limit: 1 },
    );
    const previous = (await harness.markets.findFingerprints([open!.slug])).get(open!.slug)!;
    const known = await harness.markets.findBySlug(open!.slug);
    const future = new Date(Date.now() + 3_600_000);
    const market = aVenueMarket({ ...known!, question: 'Asked later' });
    await harness.markets.writeBatch([{ market, contentHash: 'later', previous, fetchedAt: future }], future);
    await harness.sync({ kind: 'incremental' });
    expect((await harness.markets.findBySlug(open!.slug))?.question).toBe('Asked later');
  });
});

describe('trouble with the venue', () => {
  const LIST = '/gamma/markets/keyset';

  it('counts a row it cannot understand with its path, and stores the others', async () => {
    await harness.venue.fault({ kind: 'wrong_type', path: LIST, row: 3, field: 'outcomes' });
    const state = stateOf(await harness.sync({ kind: 'full' }));
    const listed = await harness.venue.markets({ listed: true });
    expect(state).toMatchObject({ state: 'completed', failed: 1, written: listed.length - 1, fetched: listed.length });
    expect(state.failures).toMatchObject([{ path: expect.stringContaining('markets[3].outcomes') }]);
    expect(await harness.markets.count({})).toBe(listed.length - 1);
  });

  it('waits a failure out', async () => {
    await harness.venue.fault({ kind: 'status', path: LIST, status: 503 });
    expect((await harness.sync({ kind: 'full' })).outcome).toBe('completed');
    await harness.expectCatalogueEqualsVenue();
  });

  it('is interrupted when the venue stays away, says why, and goes on later', async () => {
    await harness.venue.fault({ kind: 'status', path: LIST, status: 503, times: 1_000, skip: 3 });
    const interrupted = await harness.sync({ kind: 'full' });
    expect(interrupted.outcome).toBe('interrupted');
    expect(stateOf(interrupted).lastError).toMatch(/did not answer/);
    expect(await harness.markets.count({})).toBeGreaterThan(0);
    await harness.venue.reset();
    const state = stateOf(await harness.sync({ kind: 'full' }));
    expect(state).toMatchObject({ state: 'completed', runId: stateOf(interrupted).runId, lastError: null });
    await harness.expectCatalogueEqualsVenue();
  });

  it.each([
    ['a cursor that does not advance', { kind: 'stuck_cursor' as const }, /advance/],
    ['a page that shrinks to nothing too early', { kind: 'empty_page' as const }, /announces more/],
  ])('gives the partition up for %s, loudly, and finishes the other', async (_what, fault, message) => {
    await harness.venue.fault({ ...fault, path: LIST, times: 2, skip: 1 });
    // One partition first, so that the faults hit pages of the same list.
    const state = stateOf(await harness.sync({ kind: 'full', limit: 1_000_000 }));
    expect(state.state).toBe('failed');
    expect(state.lastError).toMatch(message);
    expect(state.partitions.map(({ error }) => error !== null)).toEqual([true, false]);
    expect(state.partitions[1]!.done).toBe(true);
    expect(stateOf(await harness.sync({ kind: 'full' })).state).toBe('completed');
    await harness.expectCatalogueEqualsVenue();
  });

  it('takes a repeated row once', async () => {
    await harness.venue.fault({ kind: 'duplicate_rows', path: LIST, rows: 5 });
    const state = stateOf(await harness.sync({ kind: 'full' }));
    expect(state).toMatchObject({ state: 'completed', failed: 0 });
    await harness.expectCatalogueEqualsVenue();
  });
});

describe('the right to run', () => {
  const elsewhere = { host: 'elsewhere', pid: 1, instance: 'x' };

  it('belongs to one run at a time, whatever its kind', async () => {
    const results = await Promise.all([
      harness.sync({ kind: 'full' }),
      harness.sync({ kind: 'incremental' }, { holder: elsewhere }),
    ]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['busy', 'completed']);
  });

  it('stays with a process of another machine until its lease runs out', async () => {
    const until = new Date(Date.now() + 60_000);
    await harness.states.acquireLease({ holder: 'elsewhere:1:x', kind: 'full', until }, new Date());
    expect(await harness.sync({ kind: 'full' })).toMatchObject({ outcome: 'busy', lease: { holder: 'elsewhere:1:x' } });
  });

  it.each([
    ['whose process is gone', `${hostname()}:999999999:x`],
    ['with this process number, from an earlier life', `${hostname()}:${process.pid}:earlier`],
  ])('is taken at once from a holder on this machine %s', async (_what, holder) => {
    const until = new Date(Date.now() + 60_000);
    await harness.states.acquireLease({ holder, kind: 'full', until }, new Date());
    expect((await harness.sync({ kind: 'full' })).outcome).toBe('completed');
  });

  it('ends a run that lost it, without another write', async () => {
    let stolen: Promise<unknown> | null = null;
    const result = await harness.sync(
      { kind: 'full' },
      {
        batchSize: 100,
        onProgress: (state) => {
          if (state.fetched > 0 && stolen === null)
            stolen = harness.states.save({ ...state, runId: 'other' }, 99, new Date());
        },
      },
    );
    expect(result.outcome).toBe('lost');
    expect((await harness.states.find('full'))?.runId).toBe('other');
  });
});
