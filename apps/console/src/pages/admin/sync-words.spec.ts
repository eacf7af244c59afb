import { describePace, secondsTaken } from './sync-words';

describe('the pace of a pass', () => {
  it('tells how far it is, how fast, and how long it takes', () => {
    const pass = { state: 'running', percent: 42.25, rate_per_s: 2_800.4, eta_s: 130 } as const;
    expect(describePace(pass)).toBe('42.3% · 2,800 markets/s · about 2 min left');
  });

  it('says what cannot be known yet', () => {
    const pass = { state: 'running', percent: null, rate_per_s: null, eta_s: null } as const;
    expect(describePace(pass)).toBe('0.0% · no pace yet · time left not known yet');
  });

  it('has none when it does not run', () => {
    expect(describePace({ state: 'interrupted', percent: 12, rate_per_s: 900, eta_s: null })).toBe('12.0%');
  });
});

describe('the time a pass took', () => {
  const started = '2026-02-07T09:30:00.000Z';

  it('ends with it, or goes on', () => {
    const end = '2026-02-07T09:30:36.500Z';
    expect(secondsTaken({ started_at: started, finished_at: end }, Date.parse(end) + 5_000)).toBe(36.5);
    expect(secondsTaken({ started_at: started, finished_at: null }, Date.parse(started) + 2_000)).toBe(2);
  });

  it('is none before the start, and not negative where clocks differ', () => {
    expect(secondsTaken({ started_at: null, finished_at: null }, 0)).toBeNull();
    expect(secondsTaken({ started_at: started, finished_at: null }, Date.parse(started) - 900)).toBe(0);
  });
});
