import { DomainError } from '@app/domain';
import { keyedPart, type KeyableRequest, keyedRequestOf } from './keyed-request';

const request = (keys: string[] | undefined, change: Partial<KeyableRequest> = {}): KeyableRequest => ({
  method: 'POST',
  routeOptions: { url: '/portfolios/:id/orders' },
  params: { id: 'p-1' },
  body: { side: 'buy', quantity: 10, nested: { a: 1, b: [1, 2] } },
  raw: { headersDistinct: keys === undefined ? {} : { 'idempotency-key': keys } },
  ...change,
});

describe('the Idempotency-Key of a request', () => {
  it('is null without the header', () => {
    expect(keyedRequestOf(request(undefined))).toBeNull();
  });

  it('comes with the route as the document names it', () => {
    expect(keyedRequestOf(request(['k 1']))).toEqual({
      key: 'k 1',
      route: 'POST /portfolios/{id}/orders',
      bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([['x'], ['x'.repeat(255)], ['~!"#$%&'], ['a, b']])('may be %j', (key) => {
    expect(keyedRequestOf(request([key]))?.key).toBe(key);
  });

  it.each([[['']], [['x'.repeat(256)]], [['ключ']], [['tab\there']], [['a', 'b']], [['a', 'a']]])(
    'is refused by name for %j',
    (keys) => {
      expect(() => keyedRequestOf(request(keys))).toThrow(DomainError);
      expect(() => keyedRequestOf(request(keys))).toThrow(/^Idempotency-Key: must be given once, with 1 to 255/);
    },
  );

  it('tells the same request from another', () => {
    const hashOf = (change: Partial<KeyableRequest>): string | undefined =>
      keyedRequestOf(request(['k'], change))?.bodyHash;
    const hash = hashOf({});
    expect(hashOf({ body: { nested: { b: [1, 2], a: 1 }, quantity: 10, side: 'buy' } })).toBe(hash);
    expect(hashOf({ body: { side: 'buy', quantity: 11, nested: { a: 1, b: [1, 2] } } })).not.toBe(hash);
    expect(hashOf({ body: { side: 'buy', quantity: 10, nested: { a: 1, b: [2, 1] } } })).not.toBe(hash);
    expect(hashOf({ params: { id: 'p-2' } })).not.toBe(hash);
    expect(hashOf({ body: undefined })).toBe(hashOf({ body: null }));
  });

  it('makes one of its own for each part of a list', () => {
    const keyed = { key: 'k', route: 'POST /x', bodyHash: 'h' };
    const part = { price: 10n, at: new Date(0) };
    const first = keyedPart(keyed, 0, part);
    expect(first).toEqual({ key: 'k\n0', route: 'POST /x', bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(keyedPart(keyed, 0, { at: new Date(0), price: 10n })).toEqual(first);
    expect(keyedPart(keyed, 1, part).key).not.toBe(first.key);
    expect(keyedPart(keyed, 0, { ...part, price: 11n }).bodyHash).not.toBe(first.bodyHash);
    expect(keyedPart(keyed, 0, { ...part, at: new Date(1) }).bodyHash).not.toBe(first.bodyHash);
  });
});
