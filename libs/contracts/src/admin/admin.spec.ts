import type { z } from 'zod';
import { auditListQuerySchema, auditListSchema, toAuditList } from './audit';
import { fromRateLimits, rateLimitsRequestSchema, rateLimitsSchema, toRateLimits } from './rate-limits';
import { fromSettings, settingsRequestSchema, settingsSchema, toSettings } from './settings';
import { toUserList, userChangeRequestSchema, userListQuerySchema, userListSchema } from './users';

const limits = {
  portfolios: 1,
  openOrders: 2,
  wsSubscriptions: 3,
  requestsPerMinute: 4,
  priceHistoryDays: 5,
  csvExport: true,
};

const lockout = { threshold: 10, durationMinutes: 30 };

function problemsOf(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('what admins send', () => {
  it('names the settings to set, and only those', () => {
    const body = settingsRequestSchema.parse({ role_limits: { user: { open_orders: 9, csv_export: false } } });
    expect(fromSettings(body)).toEqual({ roleLimits: { user: { openOrders: 9, csvExport: false } } });
    expect(fromSettings(settingsRequestSchema.parse({ role_limits: {} }))).toEqual({ roleLimits: {} });
    expect(fromSettings(settingsRequestSchema.parse({ lockout: { duration_minutes: 5 } }))).toEqual({
      lockout: { durationMinutes: 5 },
    });
  });

  it('may be what they were told', () => {
    const known = { roleLimits: { user: limits, premium_user: limits, admin: limits }, lockout };
    expect(fromSettings(settingsRequestSchema.parse(toSettings(known)))).toEqual(known);
    const rates = [{ group: 'api', role: 'user', limit: 5, windowSeconds: 60 }] as const;
    expect(fromRateLimits(rateLimitsRequestSchema.parse(toRateLimits(rates)))).toEqual(rates);
  });

  it('is refused in words', () => {
    expect(problemsOf(settingsRequestSchema, { role_limits: { user: { portfolios: 0.5 }, admin: 3 } })).toEqual([
      'role_limits.user.portfolios: must be a whole number from 0 to 10000; got 0.5',
      'role_limits.admin: must be an object of limits',
    ]);
    expect(problemsOf(settingsRequestSchema, { lockout: { threshold: 0, duration_minutes: '5', for: 1 } })).toEqual([
      'lockout.threshold: must be a whole number from 1 to 1000; got 0',
      'lockout.duration_minutes: must be a whole number from 1 to 525600',
      'lockout: Unrecognized key: "for"',
    ]);
    expect(problemsOf(settingsRequestSchema, {})).toEqual([
      'role_limits: give role_limits or lockout',
      'lockout: give role_limits or lockout',
    ]);
    expect(problemsOf(rateLimitsRequestSchema, { rate_limits: [{ group: 'x', role: null, limit: '5' }] })).toEqual([
      'rate_limits.0.group: must be one of login, register, api; got "x"',
      'rate_limits.0.role: must be one of anonymous, user, premium_user, admin',
      'rate_limits.0.limit: must be a whole number from 1 to 1000000',
      'rate_limits.0.window_seconds: is missing',
    ]);
    const same = { group: 'api', role: 'user', limit: 5, window_seconds: 60 };
    expect(problemsOf(rateLimitsRequestSchema, { rate_limits: [same, { ...same, limit: 6 }] })).toEqual([
      'rate_limits.1: is for the same as number 0',
    ]);
    expect(problemsOf(userChangeRequestSchema, { status: 'locked' })).toEqual([
      'status: must be one of active, disabled; got "locked"',
    ]);
  });

  it('looks an address up in the form it is unique by', () => {
    expect(userListQuerySchema.parse({ email: ' Ann@Example.COM' })).toMatchObject({ email: 'ann@example.com' });
    expect(problemsOf(userListQuerySchema, { email: 'ann' })).toEqual([
      'email: must be an email address such as ann@example.com; got "ann"',
    ]);
    expect(problemsOf(auditListQuerySchema, { from: '2026-02-02', to: '2026-02-01' })).toEqual([
      'from: must not be above to',
    ]);
  });
});

describe('what admins are told', () => {
  const at = new Date('2026-02-07T09:30:00Z');

  it('conforms to its schemas', () => {
    const user = {
      id: 'u',
      email: 'ann@example.com',
      role: 'user',
      status: 'locked',
      failedAttempts: 10,
      lockedUntil: at,
      createdAt: at,
      updatedAt: at,
    } as const;
    const entry = {
      id: 'e',
      at,
      action: 'user.role_changed',
      actorId: 'a',
      actorEmail: null,
      subjectId: 'u',
      address: '203.0.113.7',
      requestId: 'r',
      detail: { from: 'user', to: 'admin', count: 1, sure: true, why: null },
    } as const;
    const answers: [z.ZodType, unknown][] = [
      [userListSchema, toUserList([user, { ...user, lockedUntil: null }], 2, 1, 20)],
      [auditListSchema, toAuditList([entry], 1, 1, 20)],
      [settingsSchema, toSettings({ roleLimits: { user: limits, premium_user: limits, admin: limits }, lockout })],
      [rateLimitsSchema, toRateLimits([{ group: 'login', role: 'anonymous', limit: 5, windowSeconds: 60 }])],
    ];
    for (const [schema, answer] of answers) expect(problemsOf(schema, answer)).toEqual([]);
  });

  it('shows no field that nobody named', () => {
    const stored = {
      id: 'u',
      email: 'ann@example.com',
      role: 'user',
      status: 'active',
      failedAttempts: 0,
      lockedUntil: null,
      createdAt: at,
      updatedAt: at,
      passwordHash: 'secret',
      tokenVersion: 3,
    } as const;
    expect(Object.keys(toUserList([stored], 1, 1, 20).users[0] ?? {})).toEqual([
      'id',
      'email',
      'role',
      'status',
      'failed_attempts',
      'locked_until',
      'created_at',
      'updated_at',
    ]);
  });
});
