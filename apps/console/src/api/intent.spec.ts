import { Clicks, Intent } from './intent';

describe('the key of an intent', () => {
  let made = 0;
  const intent = (): Intent => new Intent(() => `key ${(made += 1)}`);

  it('stays as long as the same is asked for', () => {
    const buying = intent();
    const key = buying.keyOf({ quantity: '5' });
    expect(buying.keyOf({ quantity: '5' })).toBe(key);
  });

  it('is another for another request', () => {
    const buying = intent();
    const key = buying.keyOf({ quantity: '5' });
    expect(buying.keyOf({ quantity: '6' })).not.toBe(key);
    expect(buying.keyOf({ quantity: '5' })).not.toBe(key);
  });

  it('is another once it was done', () => {
    const buying = intent();
    const key = buying.keyOf({ quantity: '5' });
    buying.done();
    expect(buying.keyOf({ quantity: '5' })).not.toBe(key);
  });
});

describe('clicks', () => {
  it('are one when they are made twice, and while a key is held', () => {
    const clicks = new Clicks();
    expect([0, 200, 700, 1_200, 1_800].map((atMs) => clicks.isNew(atMs))).toEqual([true, false, false, false, true]);
  });
});
