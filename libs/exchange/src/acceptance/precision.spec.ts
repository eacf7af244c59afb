import { micro, price } from '../../test/fixtures';
import { decimalsOf, isOnGrid, precisionOf } from './precision';

describe('C1 decimals by tick size', () => {
  it.each([
    ['0.1', 1, 2, 3],
    ['0.01', 2, 2, 4],
    ['0.005', 3, 2, 5],
    ['0.0025', 4, 2, 6],
    ['0.001', 3, 2, 5],
    ['0.0001', 4, 2, 6],
  ])('%s: %d of the price, %d of the size, %d of the amount', (tick, inPrice, inSize, inAmount) => {
    expect(precisionOf(price(tick))).toEqual({ price: inPrice, size: inSize, amount: inAmount });
  });

  it.each([
    ['5', 0],
    ['0.45', 2],
    ['0.450001', 6],
    ['100', 0],
    ['0', 0],
  ])('%s has %d decimals', (text, expected) => expect(decimalsOf(micro(text))).toBe(expected));
});

describe('C1 the price grid', () => {
  it.each([
    ['0.01', '0.01', true],
    ['0.99', '0.01', true],
    ['0.995', '0.01', false],
    ['0.995', '0.005', true],
    ['0.999', '0.005', false],
    ['0.0025', '0.0025', true],
    ['0.003', '0.0025', false],
    ['1', '0.1', false],
    ['0', '0.1', false],
    ['0.9', '0.1', true],
    ['0.9999', '0.0001', true],
    ['0.96', '0.04', true],
  ])('%s by %s: %s', (at, tick, expected) => expect(isOnGrid(micro(at), price(tick))).toBe(expected));
});
