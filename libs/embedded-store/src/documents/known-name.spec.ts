import fc from 'fast-check';
import { knownName } from './known-name';

const nameOf = (text: string): string => {
  const bytes = Buffer.from(`xx${text}yy`);
  return knownName(bytes, 2, bytes.length - 2);
};

describe('knownName', () => {
  it('reads any name, the first time and again', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 20 }), (names) => {
        expect([...names, ...names].map(nameOf)).toEqual([...names, ...names]);
      }),
    );
  });

  it('keeps names apart that share a place, of which there are fewer than names', () => {
    const names = Array.from({ length: 20_000 }, (_, number) => `f${number}`);
    expect(names.map(nameOf)).toEqual(names);
    expect(names.map(nameOf)).toEqual(names);
  });

  it('does not follow the bytes when they change later', () => {
    const bytes = Buffer.from('before');
    expect(knownName(bytes, 0, 6)).toBe('before');
    bytes.write('after!');
    expect([knownName(bytes, 0, 6), nameOf('before')]).toEqual(['after!', 'before']);
  });

  it.each(['', '0', '17', '__proto__', 'constructor', 'é', 'a'.repeat(33)])('reads %j', (name) => {
    expect([nameOf(name), nameOf(name)]).toEqual([name, name]);
  });
});
