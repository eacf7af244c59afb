import { decode, double, int, rawDocument, rawObject } from '../../test/bson-samples';
import { StoreError } from '../errors/store-error';
import { compileProjection } from './projection';

const MARKET = {
  _id: 'm',
  outcomes: [{ name: 'Yes', price: int(1) }, int(7), [{ price: double(2), name: 'No' }], {}],
  stats: { day: { volume: int(5), trades: int(2) }, all: int(9) },
  slug: 's',
};

function projected(projection: Record<string, unknown>, source: Record<string, unknown> = MARKET): unknown {
  const project = compileProjection(rawObject(projection));
  if (project === null) throw new Error('the projection asks for whole documents');
  return decode(project(rawDocument(source), 0.5));
}

function refusal(projection: Record<string, unknown>): string {
  try {
    compileProjection(rawObject(projection));
  } catch (error) {
    if (error instanceof StoreError) return error.codeName;
  }
  throw new Error('the projection was not refused');
}

describe('projections', () => {
  it('keep named fields in the order of the document, with the _id', () => {
    expect(Object.entries(projected({ slug: 1, 'stats.day': 1 }) as object)).toEqual([
      ['_id', 'm'],
      ['stats', { day: MARKET.stats.day }],
      ['slug', 's'],
    ]);
    expect(projected({ slug: true, _id: 0 })).toEqual({ slug: 's' });
    expect(projected({ _id: 1 })).toEqual({ _id: 'm' });
  });

  it('keep nested fields through objects and arrays of any depth, dropping scalars on the way', () => {
    expect(projected({ 'outcomes.price': 1 })).toEqual({
      _id: 'm',
      outcomes: [{ price: int(1) }, [{ price: double(2) }], {}],
    });
    expect(projected({ 'stats.day.volume': 1, 'stats.all': 1, 'slug.x': 1, 'nothing.x': 1 })).toEqual({
      _id: 'm',
      stats: { day: { volume: int(5) }, all: int(9) },
    });
    expect(projected({ 'outcomes.0': 1 })).toEqual({ _id: 'm', outcomes: [{}, [{}], {}] });
  });

  it('leave nested fields out and everything else as it was', () => {
    expect(projected({ 'outcomes.price': 0, 'stats.day': 0, 'slug.x': 0 })).toEqual({
      ...MARKET,
      outcomes: [{ name: 'Yes' }, int(7), [{ name: 'No' }], {}],
      stats: { all: int(9) },
    });
    expect(projected({ _id: 0, stats: 0, outcomes: 0 })).toEqual({ slug: 's' });
  });

  it('reach into the _id, alone and beside others', () => {
    const source = { _id: { day: int(1), slug: 'a' }, n: int(1) };
    expect(projected({ '_id.day': 1 }, source)).toEqual({ _id: { day: int(1) } });
    expect(projected({ '_id.day': 1, n: 1 }, source)).toEqual({ _id: { day: int(1) }, n: int(1) });
    expect(projected({ '_id.day': 0 }, source)).toEqual({ _id: { slug: 'a' }, n: int(1) });
  });

  it('put the text score behind what is kept', () => {
    expect(projected({ slug: 1, score: { $meta: 'textScore' } })).toEqual({ _id: 'm', slug: 's', score: double(0.5) });
    expect(projected({ stats: { $meta: 'textScore' }, outcomes: 0, slug: 0 })).toEqual({
      _id: 'm',
      stats: double(0.5),
    });
  });

  it.each([
    ['a field and a part of it', { stats: 1, 'stats.day': 1 }, 'Location31249'],
    ['a part of a field and the field', { 'stats.day': 1, stats: 1 }, 'Location31250'],
    ['the _id and a part of it', { _id: 1, '_id.day': 1 }, 'Location31249'],
    ['an exclusion among inclusions', { 'stats.day': 1, slug: 0 }, 'Location31254'],
    ['an inclusion among exclusions', { slug: 0, 'stats.day': 1 }, 'Location31253'],
    ['an empty name', { '': 1 }, 'Location40352'],
    ['a dot at the end', { 'stats.': 1 }, 'Location40353'],
    ['an empty part', { 'stats..day': 1 }, 'Location15998'],
    ['an operator as a name', { 'stats.$day': 1 }, 'Location16410'],
    ['a position', { 'outcomes.$': 1 }, 'CommandNotSupported'],
    ['an expression', { slug: { $slice: 1 } }, 'CommandNotSupported'],
    ['a nested specification', { stats: { day: 1 } }, 'CommandNotSupported'],
    ['a literal', { slug: 'x' }, 'CommandNotSupported'],
  ])('refuse %s', (_name, projection, codeName) => {
    expect(refusal(projection)).toBe(codeName);
  });
});
