import type { Frame } from './frame';
import { MessageFaults, streamFaultSchema } from './stream-faults';

let told = 0;
const frame = (event: Frame['event'], slug = 'a'): Frame => {
  told += 1;
  return { event, slug, tokenIds: ['1', '2'], isCustom: false, text: told.toString() };
};

describe('streamFaultSchema', () => {
  it('disconnects only with a code that a server can send', () => {
    const isTaken = (code: number): boolean => streamFaultSchema.safeParse({ kind: 'disconnect', code }).success;
    expect([1000, 1003, 1007, 1014, 3000, 4999].filter((code) => !isTaken(code))).toEqual([]);
    expect([999, 1004, 1005, 1006, 1015, 2999, 5000].filter(isTaken)).toEqual([]);
    expect(streamFaultSchema.parse({ kind: 'disconnect' })).toEqual({ kind: 'disconnect' });
  });
});

describe('MessageFaults', () => {
  it('lets everything pass while none waits', () => {
    const frames = [frame('book'), frame('price_change')];
    expect(new MessageFaults().apply(frames)).toBe(frames);
  });

  it('sends a print twice, after those it skips, as often as it is told, and in its market alone', () => {
    const faults = new MessageFaults();
    faults.add({ kind: 'duplicate_print', slug: 'a', times: 1, skip: 1 });
    const [other, first, second, third] = [
      frame('last_trade_price', 'b'),
      frame('last_trade_price'),
      frame('last_trade_price'),
      frame('last_trade_price'),
    ];
    expect(faults.apply([other, first, second, third])).toEqual([other, first, second, second, third]);
    expect(faults.list()).toEqual([]);
  });

  it('holds a change back until the next message of its market, best prices not counted', () => {
    const faults = new MessageFaults();
    faults.add({ kind: 'out_of_order', times: 1, skip: 0 });
    const [change, best, elsewhere, next] = [
      frame('price_change'),
      frame('best_bid_ask'),
      frame('price_change', 'b'),
      frame('last_trade_price'),
    ];
    expect(faults.apply([change])).toEqual([]);
    expect(faults.apply([best, elsewhere])).toEqual([best, elsewhere]);
    expect(faults.apply([next])).toEqual([next, change]);
  });

  it('swaps pairs when several changes in a row are to be out of order', () => {
    const faults = new MessageFaults();
    faults.add({ kind: 'out_of_order', times: 2, skip: 0 });
    const [first, second, third] = [frame('price_change'), frame('price_change'), frame('price_change')];
    expect(faults.apply([first, second, third])).toEqual([second, first, third]);
  });

  it('loses messages of one kind', () => {
    const faults = new MessageFaults();
    faults.add({ kind: 'lose', event: 'price_change', times: 1, skip: 0 });
    const [book, change, next] = [frame('book'), frame('price_change'), frame('price_change')];
    expect(faults.apply([book, change, next])).toEqual([book, next]);
  });

  it('forgets what waits and what it held when cleared', () => {
    const faults = new MessageFaults();
    faults.add({ kind: 'out_of_order', times: 2, skip: 0 });
    faults.apply([frame('price_change')]);
    faults.clear();
    const next = [frame('price_change')];
    expect(faults.apply(next)).toBe(next);
  });
});
