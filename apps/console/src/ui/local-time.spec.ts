import { fromLocalInput, toLocalInput } from './local-time';

describe('a field for date and time', () => {
  it('holds an instant to the minute, wherever the machine is', () => {
    const shown = toLocalInput('2026-02-07T09:30:00.000Z');
    expect(shown).toMatch(/^2026-02-0\dT\d\d:\d\d$/);
    expect(fromLocalInput(shown)).toBe('2026-02-07T09:30:00.000Z');
  });

  it('holds nothing where there is nothing', () => {
    expect([toLocalInput(undefined), toLocalInput('soon'), fromLocalInput('')]).toEqual(['', '', '']);
  });
});
