import { LargeAnswers } from './large-answers';

describe('places for large answers', () => {
  it('are given in the order of asking, and each command has one at most', async () => {
    const answers = new LargeAnswers(2);
    const log: string[] = [];
    const places = ['a', 'b', 'c', 'd'].map((name) => {
      const place = answers.place();
      return { place, entered: place.enter().then(() => log.push(name)) };
    });
    const [a, b, c, d] = places;
    await Promise.all([a?.entered, b?.entered]);
    await a?.place.enter();
    expect(log).toEqual(['a', 'b']);
    b?.place.leave();
    await c?.entered;
    expect(log).toEqual(['a', 'b', 'c']);
    a?.place.leave();
    a?.place.leave();
    await d?.entered;
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are not taken by who never asked', async () => {
    const answers = new LargeAnswers(1);
    answers.place().leave();
    const one = answers.place();
    await one.enter();
    const other = answers.place();
    let hasEntered = false;
    const entered = other.enter().then(() => (hasEntered = true));
    await Promise.resolve();
    expect(hasEntered).toBe(false);
    one.leave();
    await entered;
    expect(hasEntered).toBe(true);
  });
});
