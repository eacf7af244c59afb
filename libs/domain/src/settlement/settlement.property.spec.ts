import fc from 'fast-check';
import { microShares, MICRO, partsPerMillion } from '../money';
import { acceptResolution, type ClobStatement, FINAL_UMA_STATUSES, type GammaStatement } from './accept-resolution';
import { settlementValue } from './settlement-value';

const TOKENS = ['111', '222'];
const OUTCOMES = TOKENS.map((tokenId) => ({ tokenId, name: `outcome ${tokenId}` }));

const prices = fc.constantFrom(
  ['1', '0'],
  ['0', '1'],
  ['0.5', '0.5'],
  ['0.999', '0.001'],
  ['0', '0'],
  ['1.0', '0.000'],
  [],
);
const statuses = fc.constantFrom(null, 'requested', 'proposed', 'disputed', 'resolved', 'settled');
const clob: fc.Arbitrary<ClobStatement> = fc.record({
  closed: fc.boolean(),
  tokens: fc.tuple(...TOKENS.map((tokenId) => fc.record({ tokenId: fc.constant(tokenId), winner: fc.boolean() }))),
});
const gamma: fc.Arbitrary<GammaStatement> = fc.record({
  closed: fc.boolean(),
  umaResolutionStatus: statuses,
  clobTokenIds: fc.constantFrom(TOKENS, [...TOKENS].reverse()),
  outcomePrices: prices,
});
const statements = fc.record({
  outcomes: fc.constant(OUTCOMES),
  clob: fc.option(clob),
  gamma: fc.option(gamma),
  announced: fc.option(fc.record({ winningTokenId: fc.constantFrom(...TOKENS) })),
});

const vectors = fc.oneof(
  fc.constantFrom([1_000_000n, 0n], [0n, 1_000_000n], [500_000n, 500_000n], [0n, 1_000_000n, 0n]),
  fc
    .array(fc.bigInt({ min: 0n, max: MICRO }), { minLength: 1, maxLength: 5 })
    .map((cuts) => [0n, ...cuts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), MICRO])
    .map((cuts) => cuts.slice(1).map((cut, index) => cut - (cuts[index] ?? 0n))),
);

describe('settlement', () => {
  it('G1 an accepted result pays 1 USDC a set and rests on a closed source that names it', () => {
    fc.assert(
      fc.property(statements, (said) => {
        const verdict = acceptResolution(said);
        if (!verdict.accepted) return;
        expect(verdict.payouts.reduce((sum, payout) => sum + payout, 0n)).toBe(MICRO);
        if (verdict.source === 'clob') {
          const winners = said.clob?.tokens.filter(({ winner }) => winner) ?? [];
          expect([said.clob?.closed, winners.length]).toEqual([true, 1]);
        } else {
          expect(said.gamma?.closed).toBe(true);
          expect(FINAL_UMA_STATUSES).toContain(said.gamma?.umaResolutionStatus);
        }
      }),
    );
  });

  it('G1 what else is known never makes another result: it confirms, or there is none', () => {
    fc.assert(
      fc.property(statements, (said) => {
        const all = acceptResolution(said);
        const alone = [
          acceptResolution({ ...said, gamma: null, announced: null }),
          acceptResolution({ ...said, clob: null, announced: null }),
        ];
        if (!all.accepted) return;
        for (const one of alone) if (one.accepted) expect(one.payouts).toEqual(all.payouts);
        expect(alone.some(({ accepted }) => accepted)).toBe(true);
      }),
    );
  });

  it('G2 equal quantities of every outcome are paid 1 USDC a set, to the micro-unit', () => {
    fc.assert(
      fc.property(vectors, fc.bigInt({ min: 0n, max: 10n ** 15n }), (payouts, quantity) => {
        const ppm = payouts.map(partsPerMillion);
        const paid = payouts.map((_, index) => settlementValue(ppm, index, microShares(quantity)));
        expect(paid.reduce<bigint>((sum, value) => sum + value, 0n)).toBe(quantity);
        paid.forEach((value, index) => {
          const exact = quantity * (payouts[index] ?? 0n);
          expect(value * MICRO - exact).toBeGreaterThan(-MICRO);
          expect(value * MICRO - exact).toBeLessThan(MICRO);
        });
      }),
    );
  });

  it('G2 a winner is paid 1 a share and a loser nothing', () => {
    const shares = microShares(12_345_678n);
    const won = [0n, MICRO].map(partsPerMillion);
    expect([0, 1].map((index) => settlementValue(won, index, shares))).toEqual([0n, 12_345_678n]);
    expect(() => settlementValue(won, 2, shares)).toThrow(RangeError);
  });
});
