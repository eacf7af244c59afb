import { BSON } from 'bson';
import fc from 'fast-check';
import { BsonWriter } from './bson-writer';

const name = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\u0000'));

describe('BsonWriter', () => {
  it('writes names and texts as the bson package does', () => {
    fc.assert(
      fc.property(name, fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(600), (field, text, capacity) => {
        const written = new BsonWriter(capacity).string(field, text).finish();
        expect(written.equals(BSON.serialize({ [field]: text }))).toBe(true);
      }),
    );
  });

  it('puts the sign for what cannot be encoded in the place of half a pair', () => {
    const [bytes, whole] = ['a\ud800b', 'a\ufffdb'].map((text) => new BsonWriter().string(text, text).finish());
    expect(bytes).toEqual(whole);
  });
});
