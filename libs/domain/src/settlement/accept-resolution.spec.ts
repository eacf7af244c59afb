import {
  acceptResolution,
  type ClobStatement,
  type GammaStatement,
  type ResolutionStatements,
} from './accept-resolution';

const YES = '111';
const NO = '222';
const OUTCOMES = [
  { tokenId: YES, name: 'Yes' },
  { tokenId: NO, name: 'No' },
];

function clob(winners: readonly string[], closed = true): ClobStatement {
  return { closed, tokens: [YES, NO].map((tokenId) => ({ tokenId, winner: winners.includes(tokenId) })) };
}

function gamma(prices: readonly string[], given: Partial<GammaStatement> = {}): GammaStatement {
  return { closed: true, umaResolutionStatus: 'resolved', clobTokenIds: [YES, NO], outcomePrices: prices, ...given };
}

function verdict(said: Partial<ResolutionStatements>): ReturnType<typeof acceptResolution> {
  return acceptResolution({ outcomes: OUTCOMES, clob: null, gamma: null, announced: null, ...said });
}

describe('G1 acceptResolution', () => {
  describe('accepts', () => {
    it('(a) a closed CLOB market with exactly one winner', () => {
      expect(verdict({ clob: clob([NO]) })).toEqual({
        accepted: true,
        payouts: [0n, 1_000_000n],
        source: 'clob',
        evidence: 'CLOB: closed, winner No (token 222).',
      });
    });

    it.each(['resolved', 'settled'])('(b) a closed Gamma market with prices 1 and 0 and UMA status %s', (status) => {
      expect(verdict({ gamma: gamma(['1', '0'], { umaResolutionStatus: status }) })).toEqual({
        accepted: true,
        payouts: [1_000_000n, 0n],
        source: 'gamma',
        evidence: `Gamma: closed, prices 1 and 0, UMA status ${status}.`,
      });
    });

    it('(b) two halves', () => {
      expect(verdict({ clob: clob([]), gamma: gamma(['0.5', '0.50']) })).toMatchObject({
        accepted: true,
        payouts: [500_000n, 500_000n],
        source: 'gamma',
      });
    });

    it('(b) by token, whatever order Gamma lists them in', () => {
      expect(verdict({ gamma: gamma(['1', '0'], { clobTokenIds: [NO, YES] }) })).toMatchObject({
        accepted: true,
        payouts: [0n, 1_000_000n],
      });
    });

    it('(c) an announcement that the CLOB or Gamma confirms', () => {
      const announced = { winningTokenId: YES };
      expect(verdict({ announced, clob: clob([YES]) })).toMatchObject({
        accepted: true,
        source: 'clob',
        evidence: 'CLOB: closed, winner Yes (token 111). Announced: winner Yes (token 111).',
      });
      expect(verdict({ announced, gamma: gamma(['1', '0']) })).toMatchObject({ accepted: true, source: 'gamma' });
    });

    it('one source while the other is late', () => {
      const late = gamma(['0.97', '0.03'], { closed: false, umaResolutionStatus: 'proposed' });
      expect(verdict({ clob: clob([YES]), gamma: late })).toMatchObject({ accepted: true, source: 'clob' });
      expect(verdict({ clob: clob([], false), gamma: gamma(['0', '1']) })).toMatchObject({
        accepted: true,
        source: 'gamma',
      });
    });

    it('one winner of many outcomes, but no equal parts of more than two', () => {
      const three = ['1', '2', '3'].map((tokenId) => ({ tokenId, name: tokenId }));
      const said = (prices: string[]): GammaStatement => gamma(prices, { clobTokenIds: ['1', '2', '3'] });
      const four = [...three, { tokenId: '4', name: '4' }];
      expect(verdict({ outcomes: three, gamma: said(['0', '1', '0']) })).toMatchObject({
        accepted: true,
        payouts: [0n, 1_000_000n, 0n],
      });
      const quarters = gamma(['0.25', '0.25', '0.25', '0.25'], { clobTokenIds: ['1', '2', '3', '4'] });
      expect(verdict({ outcomes: four, gamma: quarters })).toMatchObject({ accepted: false, doubt: 'no_result' });
    });
  });

  describe('does not accept', () => {
    it.each([
      ['a proposal', gamma(['1', '0'], { umaResolutionStatus: 'proposed' }), 'no_result'],
      ['a dispute', gamma(['1', '0'], { umaResolutionStatus: 'disputed' }), 'no_result'],
      [
        'final prices without any UMA status, as in 2020',
        gamma(['0', '1'], { umaResolutionStatus: null }),
        'no_result',
      ],
      ['a price of 0.99', gamma(['0.99', '0.01']), 'no_result'],
      ['a price of 0.999', gamma(['0.999', '0.001']), 'no_result'],
      ['a price a hair below 1', gamma(['0.9999999999', '0.0000000001']), 'no_result'],
      ['nearly two halves', gamma(['0.4995', '0.5005']), 'no_result'],
      ['prices of 0 and 0', gamma(['0', '0']), 'no_result'],
      ['prices of 1 and 1', gamma(['1', '1']), 'no_result'],
      ['no prices', gamma([]), 'no_result'],
      ['a final price of a market that is open', gamma(['1', '0'], { closed: false }), 'open'],
    ] as const)('%s', (_, said, doubt) => {
      expect(verdict({ gamma: said })).toMatchObject({ accepted: false, doubt });
    });

    it('a CLOB market without a winner, whatever its prices, or one that is open', () => {
      expect(verdict({ clob: clob([]) })).toMatchObject({ accepted: false, doubt: 'no_result' });
      expect(verdict({ clob: clob([YES], false) })).toMatchObject({ accepted: false, doubt: 'open' });
    });

    it('two winners, even when Gamma names one of them', () => {
      expect(verdict({ clob: clob([YES, NO]), gamma: gamma(['1', '0']) })).toMatchObject({
        accepted: false,
        doubt: 'conflict',
      });
    });

    it('sources that name different results, final or not', () => {
      const results = [
        gamma(['0', '1']),
        gamma(['0.5', '0.5']),
        gamma(['0', '1'], { umaResolutionStatus: 'disputed' }),
      ].map((said) => verdict({ clob: clob([YES]), gamma: said }));
      expect(results.map((result) => !result.accepted && result.doubt)).toEqual(['conflict', 'conflict', 'conflict']);
      expect(results[0]).toMatchObject({
        explanation:
          'The CLOB and Gamma name different results. CLOB: closed, winner Yes (token 111). ' +
          'Gamma: closed, prices 0 and 1, UMA status resolved.',
      });
    });

    it('an announcement that no source confirms, or another result than announced', () => {
      const announced = { winningTokenId: YES };
      expect(verdict({ announced })).toMatchObject({ accepted: false, doubt: 'unconfirmed' });
      expect(verdict({ announced, clob: clob([]), gamma: gamma(['0.999', '0.001']) })).toMatchObject({
        accepted: false,
        doubt: 'unconfirmed',
      });
      expect(verdict({ announced, clob: clob([NO]) })).toMatchObject({ accepted: false, doubt: 'conflict' });
      expect(verdict({ announced, gamma: gamma(['0.5', '0.5']) })).toMatchObject({
        accepted: false,
        doubt: 'conflict',
      });
    });

    it('what is said of other tokens', () => {
      const stranger = {
        closed: true,
        tokens: [
          { tokenId: '333', winner: true },
          { tokenId: NO, winner: false },
        ],
      };
      expect(verdict({ clob: stranger })).toMatchObject({ accepted: false, doubt: 'other_market' });
      const nameless = {
        closed: true,
        tokens: [
          { tokenId: null, winner: true },
          { tokenId: null, winner: false },
        ],
      };
      expect(verdict({ clob: nameless })).toMatchObject({ accepted: false, doubt: 'other_market' });
      expect(verdict({ gamma: gamma(['1', '0'], { clobTokenIds: [YES, '333'] }) })).toMatchObject({
        accepted: false,
        doubt: 'other_market',
      });
      expect(verdict({ announced: { winningTokenId: '333' }, clob: clob([YES]) })).toMatchObject({
        accepted: false,
        doubt: 'other_market',
      });
      expect(verdict({ outcomes: [], gamma: gamma(['1', '0'], { clobTokenIds: [] }) })).toMatchObject({
        accepted: false,
        doubt: 'other_market',
      });
    });

    it('silence', () => {
      expect(verdict({})).toEqual({
        accepted: false,
        doubt: 'open',
        explanation: 'The market is not closed. No source answered.',
      });
    });
  });
});
