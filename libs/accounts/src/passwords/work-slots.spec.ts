import { setImmediate as turn } from 'node:timers/promises';
import { WorkSlots } from './work-slots';

/** Work that ends when it is told to. */
function held(): { work: () => Promise<string>; end: (failure?: Error) => void; started: () => boolean } {
  let started = false;
  let settle: (failure?: Error) => void = () => undefined;
  const done = new Promise<string>((resolve, reject) => {
    settle = (failure) => (failure === undefined ? resolve('done') : reject(failure));
  });
  return {
    work: () => {
      started = true;
      return done;
    },
    end: (failure) => settle(failure),
    started: () => started,
  };
}

describe('WorkSlots', () => {
  it('runs so much at once, lets so much wait and turns the rest away', async () => {
    const slots = new WorkSlots(2, 1);
    const [a, b, c] = [held(), held(), held()];
    const runs = [a, b, c].map(({ work }) => slots.run(work));
    expect([a, b, c].map(({ started }) => started())).toEqual([true, true, false]);
    expect(await slots.run(held().work)).toBeNull();
    a.end();
    await runs[0];
    await turn();
    expect(c.started()).toBe(true);
    b.end();
    c.end();
    expect(await Promise.all(runs)).toEqual([{ result: 'done' }, { result: 'done' }, { result: 'done' }]);
  });

  it('gives the slot on when work fails', async () => {
    const slots = new WorkSlots(1, 1);
    const [a, b] = [held(), held()];
    const [first, second] = [slots.run(a.work), slots.run(b.work)];
    a.end(new Error('no'));
    await expect(first).rejects.toThrow('no');
    b.end();
    expect(await second).toEqual({ result: 'done' });
    expect(await slots.run(() => Promise.resolve(3))).toEqual({ result: 3 });
  });
});
