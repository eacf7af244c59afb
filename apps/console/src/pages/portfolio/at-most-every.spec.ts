import { atMostEvery } from './at-most-every';

describe('atMostEvery', () => {
  let waiting: { ms: number; action: () => void }[];
  let done: number;
  const after = (ms: number, action: () => void): (() => void) => {
    const wait = { ms, action };
    waiting.push(wait);
    return () => {
      waiting = waiting.filter((each) => each !== wait);
    };
  };
  const pass = (): void => waiting.splice(0).forEach(({ action }) => action());

  beforeEach(() => {
    waiting = [];
    done = 0;
  });

  it('acts at once, and once more for all that was asked meanwhile', () => {
    const paced = atMostEvery(1_000, () => (done += 1), after);
    paced();
    expect(done).toBe(1);
    paced();
    paced();
    expect(done).toBe(1);
    expect(waiting.map(({ ms }) => ms)).toEqual([1_000]);
    pass();
    expect(done).toBe(2);
    pass();
    expect(done).toBe(2);
    paced();
    expect(done).toBe(3);
  });

  it('forgets what it was asked when cancelled', () => {
    const paced = atMostEvery(1_000, () => (done += 1), after);
    paced();
    paced();
    paced.cancel();
    pass();
    expect(done).toBe(1);
    paced();
    expect(done).toBe(2);
  });
});
