import { SingleFlight } from './single-flight';

describe('SingleFlight', () => {
  it('starts once for all who ask meanwhile, and again for who asks later', async () => {
    const flights = new SingleFlight<number>();
    let starts = 0;
    const start = (): Promise<number> => Promise.resolve((starts += 1));
    expect(await Promise.all([flights.run('a', start), flights.run('a', start), flights.run('b', start)])).toEqual([
      1, 1, 2,
    ]);
    expect(await flights.run('a', start)).toBe(3);
  });

  it('gives a failure to all who asked and forgets it', async () => {
    const flights = new SingleFlight<number>();
    const fail = (): Promise<number> => Promise.reject(new Error('no'));
    const asked = [flights.run('a', fail), flights.run('a', () => Promise.resolve(7))];
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', () => Promise.resolve(7))).toBe(7);
  });
});
