import { requestIdOf } from './request-id';

describe('the id of a request', () => {
  it.each(['0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', 'proxy:7.a_b', 'x'])('is %s when the client says so', (id) => {
    expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id);
  });

  it.each([undefined, '', 'two words', 'x'.repeat(65), 'line\nbreak', '{"level":50}'])(
    'is a new one for %j',
    (given) => {
      const headers = given === undefined ? {} : { 'x-request-id': given };
      const [one, other] = [requestIdOf({ headers }), requestIdOf({ headers })];
      expect(one).toMatch(/^[0-9a-f-]{36}$/);
      expect(other).not.toBe(one);
    },
  );
});
