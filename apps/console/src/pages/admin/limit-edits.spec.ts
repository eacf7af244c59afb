import {
  changedLockout,
  changedRateLimits,
  changedRoleLimits,
  countChanges,
  lockoutKey,
  rateLimitKey,
  roleLimitKey,
} from './limit-edits';

describe('edited rate limits', () => {
  const stored = [
    { group: 'login', role: 'anonymous', limit: 5, window_seconds: 60 },
    { group: 'api', role: 'user', limit: 100, window_seconds: 60 },
  ] as const;

  it('are those that differ, whole', () => {
    expect(changedRateLimits(stored, {})).toEqual([]);
    expect(changedRateLimits(stored, { [rateLimitKey(stored[1], 'limit')]: '120' })).toEqual([
      { group: 'api', role: 'user', limit: 120, window_seconds: 60 },
    ]);
  });

  it('are none where the same was typed again, or nothing', () => {
    const edits = { [rateLimitKey(stored[0], 'limit')]: '5', [rateLimitKey(stored[1], 'window_seconds')]: ' ' };
    expect(changedRateLimits(stored, edits)).toEqual([]);
  });
});

describe('edited limits of roles', () => {
  const limits = {
    portfolios: 5,
    open_orders: 50,
    ws_subscriptions: 20,
    requests_per_minute: 100,
    price_history_days: 90,
    csv_export: false,
  };
  const stored = { user: limits, premium_user: { ...limits, csv_export: true }, admin: limits };

  it('are named by role and limit', () => {
    const changed = changedRoleLimits(stored, {
      [roleLimitKey('user', 'portfolios')]: '7',
      [roleLimitKey('user', 'csv_export')]: 'true',
      [roleLimitKey('premium_user', 'csv_export')]: 'false',
      [roleLimitKey('admin', 'open_orders')]: '50',
    });
    expect(changed).toEqual({ user: { portfolios: 7, csv_export: true }, premium_user: { csv_export: false } });
    expect(countChanges(changed)).toBe(3);
    expect(countChanges(changedRoleLimits(stored, {}))).toBe(0);
  });

  it('let the server judge what is no whole number', () => {
    expect(changedRoleLimits(stored, { [roleLimitKey('user', 'portfolios')]: '1.5' })).toEqual({
      user: { portfolios: 1.5 },
    });
  });
});

describe('edited rules of locks', () => {
  const stored = { threshold: 10, duration_minutes: 30 };

  it('are what differs', () => {
    expect(changedLockout(stored, {})).toEqual({});
    expect(changedLockout(stored, { [lockoutKey('threshold')]: '5', [lockoutKey('duration_minutes')]: '30' })).toEqual({
      threshold: 5,
    });
    expect(changedLockout(stored, { [lockoutKey('threshold')]: '', [lockoutKey('duration_minutes')]: '0' })).toEqual({
      duration_minutes: 0,
    });
  });
});
