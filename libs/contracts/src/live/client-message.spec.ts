import fc from 'fast-check';
import { liveSubjectOf, parseClientMessage } from './client-message';

const TOKEN = '71321045679252212594626385532706912750332728571942532289631379312455583992563';

function problemOf(value: unknown): string {
  const parsed = parseClientMessage(typeof value === 'string' ? value : JSON.stringify(value));
  if ('problem' in parsed) return parsed.problem;
  throw new Error('it was taken');
}

describe('a client message', () => {
  it('subscribes markets by slug and token id, with channels, and portfolios', () => {
    const message = {
      action: 'subscribe',
      market_ids: ['Will-It-Rain', TOKEN],
      channels: ['book', 'trades'],
      portfolio_ids: ['0190F5C2-7C1E-7D3B-9C55-2F1D3A6B8E20'],
    };
    expect(parseClientMessage(JSON.stringify(message))).toEqual({
      message: { ...message, portfolio_ids: ['0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e20'] },
    });
  });

  it.each([
    ['no JSON', '{"action":', /one JSON object/],
    ['a list', [], /JSON object with an action/],
    ['null', null, /JSON object with an action/],
    ['no action', {}, /action: must be subscribe, unsubscribe or ping/],
    ['another action', { action: 'buy' }, /action: must be subscribe, unsubscribe or ping/],
    ['nothing to subscribe', { action: 'subscribe', channels: ['book'] }, /market_ids: name what to subscribe/],
    ['an empty list', { action: 'subscribe', market_ids: [] }, /market_ids: must name at least one/],
    ['text for a list', { action: 'subscribe', market_ids: 'a' }, /market_ids: must be a list/],
    ['a number for a slug', { action: 'subscribe', market_ids: [1] }, /market_ids\.0: must be a slug/],
    ['what is no slug', { action: 'subscribe', market_ids: ['a b'] }, /market_ids\.0: must be a slug.*got "a b"/],
    ['another channel', { action: 'subscribe', market_ids: ['a'], channels: ['news'] }, /channels\.0: must be one of/],
    ['no portfolio id', { action: 'unsubscribe', portfolio_ids: ['x'] }, /portfolio_ids\.0: must be the id/],
    ['an unknown field', { action: 'ping', market: 'a' }, /"market" is not a known field/],
    ['too many', { action: 'subscribe', market_ids: Array.from({ length: 101 }, () => 'a') }, /at most 100/],
  ])('is refused for %s, by a sentence that names the field', (_what, value, sentence) => {
    expect(problemOf(value)).toMatch(sentence);
  });

  it('is taken or refused, whatever the text, and never repeats much of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ minLength: 1_000, maxLength: 5_000 })), (text) => {
        const parsed = parseClientMessage(text);
        expect('message' in parsed || parsed.problem.length < 1_000).toBe(true);
      }),
    );
  });
});

describe('what a client names', () => {
  it.each([
    [TOKEN, { tokenId: TOKEN }],
    [`0x${'AB'.repeat(32)}`, { conditionId: `0x${'ab'.repeat(32)}` }],
    ['Will-It-Rain', { slug: 'will-it-rain' }],
    ['2028', { slug: '2028' }],
    ['', null],
    ['no slug', null],
    ['1'.repeat(79), { slug: '1'.repeat(79) }],
  ])('%s is understood', (text, subject) => {
    expect(liveSubjectOf(text)).toEqual(subject);
  });
});
