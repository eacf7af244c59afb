import { DomainError, type Role } from '@app/domain';
import fc from 'fast-check';
import {
  applyLimitChanges,
  applyLockoutChanges,
  DEFAULT_ROLE_LIMITS,
  parseStoredLockout,
  parseStoredRoleLimits,
  planSettingsChange,
  type Settings,
  type SettingsChange,
  toStoredLockout,
  toStoredRoleLimits,
} from './settings';

const withBudget = (role: Role): Settings['roleLimits'][Role] => ({
  ...DEFAULT_ROLE_LIMITS[role],
  requestsPerMinute: 100,
});
const CURRENT: Settings = {
  roleLimits: { user: withBudget('user'), premium_user: withBudget('premium_user'), admin: withBudget('admin') },
  lockout: { threshold: 10, durationMinutes: 30 },
};

function refusalOf(change: unknown): DomainError {
  try {
    planSettingsChange(CURRENT, change as SettingsChange);
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error('it was not refused');
}

describe('settings', () => {
  it('plans what differs, and changes that alone', () => {
    const { limits: changes, lockout } = planSettingsChange(CURRENT, {
      roleLimits: { user: { portfolios: 6, openOrders: 50, csvExport: true } },
    });
    expect(lockout).toEqual([]);
    expect(changes.map(({ wireName, from, to }) => [wireName, from, to])).toEqual([
      ['user.portfolios', 5, 6],
      ['user.csv_export', false, true],
    ]);
    expect(applyLimitChanges(DEFAULT_ROLE_LIMITS, changes)).toEqual({
      ...DEFAULT_ROLE_LIMITS,
      user: { ...DEFAULT_ROLE_LIMITS.user, portfolios: 6, csvExport: true },
    });
  });

  it('plans another rule of locks, and keeps what of it was set before', () => {
    const { limits, lockout } = planSettingsChange(CURRENT, { lockout: { threshold: 5, durationMinutes: 30 } });
    expect([limits, lockout]).toEqual([[], [{ name: 'threshold', wireName: 'lockout.threshold', from: 10, to: 5 }]]);
    expect(applyLockoutChanges({ threshold: 7, durationMinutes: 60 }, lockout)).toEqual({
      threshold: 5,
      durationMinutes: 60,
    });
    expect(applyLockoutChanges({}, lockout)).toEqual({ threshold: 5 });
  });

  it.each([
    ['no failure at all', { threshold: 0 }, 'lockout.threshold'],
    ['a fraction', { durationMinutes: 0.5 }, 'lockout.duration_minutes'],
    ['for ever', { durationMinutes: Infinity }, 'lockout.duration_minutes'],
    ['an operator', { threshold: { $gt: 0 } }, 'lockout.threshold'],
  ])('refuses locks after or of %s and names the field', (_what, lockout, field) => {
    const { code, details } = refusalOf({ lockout });
    expect([code, details.fields?.map((one) => one.field)]).toEqual(['REQUEST.UNACCEPTABLE', [field]]);
  });

  it('reads back what is set of the rule of locks, and takes nothing out of range', () => {
    for (const set of [{}, { threshold: 1 }, { durationMinutes: 525_600 }, { threshold: 3, durationMinutes: 1 }]) {
      expect(parseStoredLockout(toStoredLockout(set))).toEqual(set);
    }
    for (const stored of [{ threshold: 0 }, { duration_minutes: 1.5 }, null]) {
      expect(() => parseStoredLockout(stored)).toThrow('the setting lockout in system_db cannot be used');
    }
  });

  it.each([
    ['a fraction', { user: { portfolios: 1.5 } }, 'role_limits.user.portfolios'],
    ['text', { admin: { openOrders: '5' } }, 'role_limits.admin.open_orders'],
    ['not a number', { user: { wsSubscriptions: Number.NaN } }, 'role_limits.user.ws_subscriptions'],
    ['no requests at all', { user: { requestsPerMinute: 0 } }, 'role_limits.user.requests_per_minute'],
    ['what would lock admins out', { admin: { requestsPerMinute: 29 } }, 'role_limits.admin.requests_per_minute'],
    ['a number for yes', { user: { csvExport: 1 } }, 'role_limits.user.csv_export'],
  ])('refuses %s and names the field', (_what, roleLimits, field) => {
    const { code, details } = refusalOf({ roleLimits });
    expect([code, details.fields?.map((one) => one.field)]).toEqual(['REQUEST.UNACCEPTABLE', [field]]);
  });

  it.each([
    ['role', { king: { portfolios: 1 } }],
    ['limit', { user: { castles: 1 } }],
    ['limit of every object', { user: { constructor: 1 } }],
    ['role of every object', { toString: { portfolios: 1 } }],
  ])('refuses a %s there is none of', (_what, roleLimits) => {
    expect(refusalOf({ roleLimits }).code).toBe('SETTING.UNKNOWN');
  });

  it('gives what a stored document leaves out its default', () => {
    expect(parseStoredRoleLimits({ user: { portfolios: 9 }, newer_role: {} })).toEqual({
      ...DEFAULT_ROLE_LIMITS,
      user: { ...DEFAULT_ROLE_LIMITS.user, portfolios: 9 },
    });
    expect(() => parseStoredRoleLimits({ user: { portfolios: 'many' } })).toThrow();
  });

  it('reads back whatever it stores', () => {
    const limits = fc.record({
      portfolios: fc.nat(10_000),
      openOrders: fc.nat(100_000),
      wsSubscriptions: fc.nat(10_000),
      priceHistoryDays: fc.integer({ min: 1, max: 36_500 }),
      csvExport: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.record({ user: limits, premium_user: limits, admin: limits }), (all) => {
        expect(parseStoredRoleLimits(toStoredRoleLimits(all))).toEqual(all);
      }),
    );
  });
});
