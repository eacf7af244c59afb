import { newId } from './ids';

describe('newId', () => {
  it('is a version 7 UUID that carries its time', () => {
    expect(newId(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by time and never repeats', () => {
    const early = newId(1_000);
    const late = newId(1_001);
    expect(early < late).toBe(true);
    const ofOneMoment = Array.from({ length: 2_000 }, () => newId(5));
    expect(ofOneMoment).toEqual([...new Set(ofOneMoment)].sort());
  });
});
