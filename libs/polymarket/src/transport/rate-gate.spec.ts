import { InProcessRateWindow, type RateWindow } from '@app/platform';
import { settle, VirtualTime } from '../../test/virtual-time';
import { FamilyPause, RateGate, type RateGateLimits, type VenuePriority } from './rate-gate';
import { VenueBusyError } from './venue-errors';

const LIMITS: RateGateLimits = { windowMs: 1_000, limit: 6, backgroundLimit: 5, maxWaiting: 50 };

function setUp(limits: Partial<RateGateLimits> = {}, window?: RateWindow) {
  const time = new VirtualTime();
  const pause = new FamilyPause(time.clock);
  const shared = window ?? new InProcessRateWindow(time.clock);
  const makeGate = (): RateGate =>
    new RateGate('gamma', 'venue:test', { ...LIMITS, ...limits }, pause, shared, time.sleep);
  const gate = makeGate();
  const passed: string[] = [];
  const refused: unknown[] = [];
  const enter = (
    name: string,
    priority: VenuePriority,
    signal = new AbortController().signal,
    through = gate,
  ): void => {
    through.pass(priority, signal).then(
      () => passed.push(name),
      (error: unknown) => refused.push(error),
    );
  };
  const enterMany = (count: number, prefix: string, priority: VenuePriority): void => {
    for (let index = 1; index <= count; index += 1) enter(`${prefix}${index}`, priority);
  };
  return { time, pause, gate, makeGate, passed, refused, enter, enterMany };
}

describe('RateGate', () => {
  it('lets the budget of a window pass at once and the next caller when a place is free', async () => {
    const { time, passed, enterMany } = setUp();
    enterMany(7, 'i', 'interactive');
    await settle();
    expect(passed).toEqual(['i1', 'i2', 'i3', 'i4', 'i5', 'i6']);
    await time.advance(999);
    expect(passed).toHaveLength(6);
    await time.advance(1);
    expect(passed).toEqual(['i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7']);
  });

  it('keeps room for a lazy load beside background work', async () => {
    const { passed, enterMany, enter } = setUp();
    enterMany(20, 'b', 'background');
    await settle();
    expect(passed).toEqual(['b1', 'b2', 'b3', 'b4', 'b5']);
    enter('i1', 'interactive');
    await settle();
    expect(passed.at(-1)).toBe('i1');
  });

  it('notices a lazy load that arrives while the background place is being asked for', async () => {
    const time = new VirtualTime();
    const inner = new InProcessRateWindow(time.clock);
    let answer: (() => void) | null = null;
    const slow: Pick<RateWindow, 'take'> = {
      take: async (key, limit, windowMs) => {
        if (limit === LIMITS.backgroundLimit) await new Promise<void>((resolve) => (answer = resolve));
        return inner.take(key, limit, windowMs);
      },
    };
    const { passed, enter } = setUp({}, slow);
    for (let used = 0; used < 5; used += 1) await inner.take('venue:test', 6, 1_000);
    enter('b1', 'background');
    await settle();
    enter('i1', 'interactive');
    answer!();
    await settle();
    expect(passed).toEqual(['i1']);
  });

  it('lets interactive callers pass first, each kind in order of arrival', async () => {
    const { time, passed, enterMany } = setUp({ limit: 1, backgroundLimit: 1 });
    enterMany(1, 'first', 'background');
    await settle();
    enterMany(2, 'b', 'background');
    enterMany(2, 'i', 'interactive');
    await time.advance(4_000);
    expect(passed).toEqual(['first1', 'i1', 'i2', 'b1', 'b2']);
  });

  it('gives background work one pass of nine while interactive callers keep coming', async () => {
    const { time, passed, enterMany } = setUp({ limit: 1, backgroundLimit: 1 });
    enterMany(30, 'i', 'interactive');
    enterMany(3, 'b', 'background');
    await time.advance(33_000);
    expect(passed.flatMap((name, index) => (name.startsWith('b') ? index : []))).toEqual([8, 17, 26]);
  });

  it('lets an aborted caller go without a place, and the others keep theirs', async () => {
    const { time, gate, passed, refused, enter } = setUp({ limit: 1, backgroundLimit: 1 });
    const leaving = new AbortController();
    const reason = new Error('client went away');
    enter('first', 'background');
    enter('leaver', 'background', leaving.signal);
    enter('last', 'background');
    await settle();
    leaving.abort(reason);
    await settle();
    expect(refused).toEqual([reason]);
    expect(gate.waitingCount).toBe(1);
    await time.advance(1_000);
    expect(passed).toEqual(['first', 'last']);
    enter('gone', 'interactive', leaving.signal);
    await settle();
    expect(refused).toEqual([reason, reason]);
  });

  it('goes on after its only caller left', async () => {
    const { time, passed, enter } = setUp({ limit: 1, backgroundLimit: 1 });
    const leaving = new AbortController();
    enter('first', 'background');
    enter('leaver', 'background', leaving.signal);
    await settle();
    leaving.abort(new Error('gone'));
    await settle();
    enter('next', 'background');
    await time.advance(1_000);
    expect(passed).toEqual(['first', 'next']);
  });

  it('refuses a caller when too many wait, and says when to come back', async () => {
    const { refused, enterMany } = setUp({ limit: 2, backgroundLimit: 2, maxWaiting: 4 });
    enterMany(2, 'now', 'interactive');
    await settle();
    enterMany(5, 'i', 'interactive');
    await settle();
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(VenueBusyError);
    expect((refused[0] as VenueBusyError).retryAfterMs).toBe(3_000);
  });

  it('stops everyone during a pause, which can only grow', async () => {
    const { time, pause, passed, enter } = setUp();
    pause.extend(5_000);
    pause.extend(1_000);
    enter('b', 'background');
    enter('i', 'interactive');
    await time.advance(4_999);
    expect(passed).toEqual([]);
    await time.advance(1);
    expect(passed).toEqual(['i', 'b']);
  });

  it('shares a budget with the gates of other clients on the same window', async () => {
    const { makeGate, passed, enter } = setUp({ limit: 3, backgroundLimit: 3 });
    const other = makeGate();
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'interactive');
    await settle();
    enter('b1', 'interactive', undefined, other);
    await settle();
    expect(passed).toEqual(['a1', 'a2', 'a3']);
  });

  it('passes a failure of the window to the caller at the head alone', async () => {
    const failure = new Error('window is broken');
    let calls = 0;
    const window: Pick<RateWindow, 'take'> = {
      take: () => ((calls += 1) === 1 ? Promise.reject(failure) : Promise.resolve(0)),
    };
    const { passed, refused, enterMany } = setUp({}, window);
    enterMany(2, 'i', 'interactive');
    await settle();
    expect(refused).toEqual([failure]);
    expect(passed).toEqual(['i2']);
  });
});
