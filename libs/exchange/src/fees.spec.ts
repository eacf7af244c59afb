import { microPrice, microShares } from '@app/domain';
import { feesAt, micro, price, shares, usdc } from '../test/fixtures';
import { isChargeable, takerFee, worstTakerFee, worstTakerFeeOfAmount } from './fees';

describe('E4 the taker fee', () => {
  // The venue's own table: 100 shares at 0.50.
  it.each([
    ['0.07', '1.75'],
    ['0.05', '1.25'],
    ['0.04', '1'],
    ['0.03', '0.75'],
    ['0', '0'],
  ])('of 100 shares at 0.50 and a rate of %s is %s', (rate, fee) => {
    expect(takerFee(feesAt(rate), price('0.5'), shares('100'))).toBe(micro(fee));
  });

  it('is nothing in a market without a schedule', () => {
    expect(takerFee(null, price('0.5'), shares('100'))).toBe(0n);
  });

  it('rounds half up at the fifth decimal', () => {
    // 1 x 0.05 x 0.4 x 0.6 = 0.012; x 0.999 = 0.011988 -> 0.01199; 0.00625 x 0.07 x 0.25 = 0.000109375 -> 0.00011
    expect(takerFee(feesAt('0.05'), price('0.4'), shares('0.999'))).toBe(micro('0.01199'));
    expect(takerFee(feesAt('0.07'), price('0.5'), shares('0.00625'))).toBe(micro('0.00011'));
    // 0.0012 x 0.05 x 0.25 = 0.000015, half-way between 0.00001 and 0.00002.
    expect(takerFee(feesAt('0.05'), price('0.5'), shares('0.0012'))).toBe(micro('0.00002'));
  });

  it('is 0 below 0.00001, though that be nearer', () => {
    // 0.000799 x 0.05 x 0.25 = 0.0000099875
    expect(takerFee(feesAt('0.05'), price('0.5'), shares('0.000799'))).toBe(0n);
    expect(takerFee(feesAt('0.05'), price('0.5'), shares('0.0008'))).toBe(micro('0.00001'));
  });

  it('comes within one step of the amount known from the chain', () => {
    // 580.677591 x 0.07 x 0.527059 x 0.472941 = 10.132096; 10.13209 was charged for the exact average price 0.527058567.
    const fee = takerFee(feesAt('0.07'), microPrice(527_059n), microShares(580_677_591n));
    expect(fee).toBe(micro('10.1321'));
    expect(fee - micro('10.13209')).toBe(micro('0.00001'));
  });

  it('bends with the exponent: crypto of March 2026 had 0.25 and 2', () => {
    // 100 x 0.25 x (0.5 x 0.5)^2 = 1.5625; 100 x 0.25 x (0.1 x 0.9)^2 = 0.2025
    expect(takerFee(feesAt('0.25', 2), price('0.5'), shares('100'))).toBe(micro('1.5625'));
    expect(takerFee(feesAt('0.25', 2), price('0.1'), shares('100'))).toBe(micro('0.2025'));
  });

  it.each([0, -1, 0.5, 9, Number.NaN])('with an exponent of %s is not understood, unless the rate is 0', (exponent) => {
    expect(isChargeable(feesAt('0.05', exponent))).toBe(false);
    expect(() => takerFee(feesAt('0.05', exponent), price('0.5'), shares('1'))).toThrow(RangeError);
    expect(isChargeable(feesAt('0', exponent))).toBe(true);
    expect(takerFee(feesAt('0', exponent), price('0.5'), shares('1'))).toBe(0n);
  });
});

describe('C4 the fee to reserve', () => {
  it('is rounded up', () => {
    // 0.04 x 0.33 x 0.67 = 0.008844; 10.0001 x 0.04 = 0.400004: both would be less, rounded half up.
    expect(worstTakerFee(feesAt('0.04'), price('0.33'), shares('1'))).toBe(micro('0.00885'));
    expect(worstTakerFeeOfAmount(feesAt('0.04'), usdc('10.0001'))).toBe(micro('0.40001'));
    expect(worstTakerFee(null, price('0.33'), shares('7'))).toBe(0n);
    expect(worstTakerFeeOfAmount(null, usdc('10'))).toBe(0n);
  });
});
