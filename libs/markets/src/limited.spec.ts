import { forEachLimited } from './limited';

describe('forEachLimited', () => {
  it('keeps the order and the limit', async () => {
    let running = 0;
    let most = 0;
    const doubled = await forEachLimited([5, 1, 4, 2, 3], 2, async (value) => {
      most = Math.max(most, (running += 1));
      for (let turn = 0; turn < value; turn += 1) await Promise.resolve();
      running -= 1;
      return value * 2;
    });
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('rejects with the first failure', async () => {
    const work = (value: number): Promise<number> =>
      value === 2 ? Promise.reject(new Error('two')) : Promise.resolve(value);
    await expect(forEachLimited([1, 2, 3], 2, work)).rejects.toThrow('two');
  });
});
