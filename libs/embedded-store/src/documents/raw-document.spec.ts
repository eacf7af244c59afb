import fc from 'fast-check';
import { anyValue, rawDocument, rawObject } from '../../test/bson-samples';
import { StoreError } from '../errors/store-error';
import { nestingOf, validateDocument } from './raw-document';

function isRefused(bytes: Buffer): boolean {
  try {
    validateDocument(bytes, 0, bytes.length);
    return false;
  } catch (error) {
    if (error instanceof StoreError) return true;
    throw error;
  }
}

describe('validateDocument', () => {
  it('accepts what the bson package writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ maxLength: 4 }).filter((name) => !name.includes('\u0000')),
          anyValue,
        ),
        (fields) => {
          const bytes = rawDocument(fields);
          expect(validateDocument(bytes, 0, bytes.length)).toBe(bytes.length);
        },
      ),
    );
  });

  it('refuses every document that is cut short', () => {
    const bytes = rawDocument({ a: 'text', b: { c: [1, 2.5, null] }, d: Buffer.from('bin'), e: new Date(0), f: /x/i });
    for (let length = 0; length < bytes.length; length += 1)
      expect([length, isRefused(bytes.subarray(0, length))]).toEqual([length, true]);
  });

  it('never reads outside or fails otherwise on changed bytes', () => {
    const bytes = rawDocument({ a: 'text', b: { c: [1, 2.5, null] }, d: Buffer.from('bin'), f: /x/i });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        expect(typeof isRefused(changed)).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  it('accepts 180 levels and refuses 181', () => {
    const nested = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { a: nested(levels - 1) });
    expect([180, 181, 1000].map((levels) => isRefused(rawDocument(nested(levels))))).toEqual([false, true, true]);
    expect([1, 180].map((levels) => nestingOf(rawObject(nested(levels))))).toEqual([1, 180]);
    expect(nestingOf(rawObject({ a: 1, b: [[]], c: {} }))).toBe(3);
  });

  it.each([3, 128, 129, 5000])('refuses strings of %i bytes that are not UTF-8, wherever they are not', (length) => {
    const text = 'x'.repeat(length);
    expect(isRefused(rawDocument({ a: text }))).toBe(false);
    for (const at of [0, length >> 1, length - 1]) {
      const bytes = rawDocument({ a: text });
      bytes[bytes.indexOf(text) + at] = 0xff;
      expect([at, isRefused(bytes)]).toEqual([at, true]);
    }
    expect(isRefused(rawDocument({ a: `é${text}😀` }))).toBe(false);
  });
});
