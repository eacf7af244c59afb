import {
  AccountsService,
  AuditService,
  OPERATOR,
  RateLimitPolicies,
  type SettingsChange,
  SettingsService,
} from '@app/accounts';
import { DomainError, type RateLimit, type Role } from '@app/domain';
import { RateLimitRepository, SettingsRepository, UserRepository } from '@app/persistence';
import { waitFor } from '@app/testing';
import { FROM_HOME, openTestAccounts, type TestAccounts, type TestInstance } from './accounts-harness';

let world: TestAccounts;
let here: TestInstance;
let there: TestInstance;

function startTwoInstances(): void {
  beforeAll(async () => {
    world = await openTestAccounts();
    [here, there] = [await world.start(), await world.start()];
  });

  afterAll(() => world.stop());
}

async function refusal(work: Promise<unknown>): Promise<DomainError> {
  return work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => (error instanceof DomainError ? error : Promise.reject(new Error(String(error)))),
  );
}

describe('settings', () => {
  startTwoInstances();

  it('are what the contract says before anybody sets them', () => {
    const settings = here.get(SettingsService);
    expect(settings.limitsOf('user')).toEqual({
      portfolios: 5,
      openOrders: 50,
      wsSubscriptions: 20,
      requestsPerMinute: 100,
      priceHistoryDays: 90,
      csvExport: false,
    });
    expect(settings.limitsOf('premium_user')).toMatchObject({
      portfolios: 50,
      openOrders: 1_000,
      wsSubscriptions: 500,
      requestsPerMinute: 600,
      csvExport: true,
    });
    expect(settings.limitsOf('admin')).toEqual(settings.limitsOf('premium_user'));
  });

  it('reach other instances and those started later, and are audited', async () => {
    const change = { roleLimits: { user: { portfolios: 7, csvExport: true }, premium_user: { openOrders: 2_000 } } };
    const changed = await here.get(SettingsService).update(OPERATOR, change, FROM_HOME);
    expect(changed.roleLimits.user).toMatchObject({ portfolios: 7, csvExport: true, openOrders: 50 });
    await waitFor(() => there.get(SettingsService).limitsOf('user').portfolios === 7);
    expect(there.get(SettingsService).current()).toEqual(changed);
    expect((await world.start()).get(SettingsService).current()).toEqual(changed);
    const { entries } = await here.get(AuditService).list({ action: 'settings.changed', page: 1, pageSize: 10 });
    expect(entries.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        { name: 'user.portfolios', from: 5, to: 7 },
        { name: 'user.csv_export', from: false, to: true },
        { name: 'premium_user.open_orders', from: 1_000, to: 2_000 },
      ]),
    );
  });

  it('hold when accounts are locked: as the environment says until an admin sets it, on every instance', async () => {
    const strict = await world.start({ lockout: { threshold: 4, durationMinutes: 7 } });
    expect(here.get(SettingsService).lockout()).toEqual({ threshold: 10, durationMinutes: 30 });
    expect(strict.get(SettingsService).lockout()).toEqual({ threshold: 4, durationMinutes: 7 });
    const changed = await here.get(SettingsService).update(OPERATOR, { lockout: { threshold: 2 } }, FROM_HOME);
    expect(changed.lockout).toEqual({ threshold: 2, durationMinutes: 30 });
    await waitFor(() => strict.get(SettingsService).lockout().threshold === 2);
    expect(strict.get(SettingsService).lockout()).toEqual({ threshold: 2, durationMinutes: 7 });

    const accounts = there.get(AccountsService);
    await waitFor(() => there.get(SettingsService).lockout().threshold === 2);
    const { id, email } = await accounts.register({ email: 'ann@example.com', password: 'correct horse' }, FROM_HOME);
    for (let guess = 1; guess <= 2; guess += 1) {
      await refusal(accounts.logIn({ email, password: `guess ${guess}` }, FROM_HOME));
    }
    expect(await here.get(UserRepository).findById(id)).toMatchObject({ status: 'locked', failedAttempts: 2 });

    await here.get(SettingsService).update(OPERATOR, { lockout: { threshold: 10 } }, FROM_HOME);
    const { entries } = await here.get(AuditService).list({ action: 'settings.changed', page: 1, pageSize: 2 });
    expect(entries.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        { name: 'lockout.threshold', from: 10, to: 2 },
        { name: 'lockout.threshold', from: 2, to: 10 },
      ]),
    );
    await strict.stop();
  });

  it('are set all together or not at all, with the budget of requests and with their entries', async () => {
    const settings = here.get(SettingsService);
    const before = settings.current();
    const written = (await here.get(AuditService).list({ page: 1, pageSize: 1 })).total;
    const broken = jest.spyOn(here.get(RateLimitRepository), 'replaceMany').mockRejectedValueOnce(new Error('cut off'));
    const change = { roleLimits: { user: { portfolios: 9, requestsPerMinute: 77 } }, lockout: { threshold: 3 } };
    await expect(settings.update(OPERATOR, change, FROM_HOME)).rejects.toThrow('cut off');
    broken.mockRestore();
    expect((await world.start()).get(SettingsService).current()).toEqual(before);
    expect((await here.get(AuditService).list({ page: 1, pageSize: 1 })).total).toBe(written);
  });

  it('are judged by what another instance set a moment ago', async () => {
    const late = await world.start({ pollMs: 3_600_000 });
    const budget = (requestsPerMinute: number): SettingsChange => ({ roleLimits: { admin: { requestsPerMinute } } });
    await here.get(SettingsService).update(OPERATOR, budget(50), FROM_HOME);
    const changed = await late.get(SettingsService).update(OPERATOR, budget(600), FROM_HOME);
    expect(changed.roleLimits.admin.requestsPerMinute).toBe(600);
    expect(await here.get(RateLimitRepository).list()).toContainEqual({
      group: 'api',
      role: 'admin',
      limit: 600,
      windowSeconds: 60,
    });
    await late.stop();
  });

  it('hold the budget of requests once: setting it sets the rate limit, and the other way around', async () => {
    const settings = here.get(SettingsService);
    await settings.update(OPERATOR, { roleLimits: { user: { requestsPerMinute: 30 } } }, FROM_HOME);
    expect(here.get(RateLimitPolicies).policyFor('api', 'user')).toEqual({ limit: 30, windowMs: 60_000 });
    const limit: RateLimit = { group: 'api', role: 'user', limit: 10, windowSeconds: 10 };
    await here.get(RateLimitPolicies).update(OPERATOR, [limit], FROM_HOME);
    expect(settings.limitsOf('user').requestsPerMinute).toBe(60);
  });

  it('are not lost when two admins save at once', async () => {
    const settle = await Promise.allSettled([
      here.get(SettingsService).update(OPERATOR, { roleLimits: { user: { portfolios: 8 } } }, FROM_HOME),
      there.get(SettingsService).update(OPERATOR, { roleLimits: { user: { openOrders: 80 } } }, FROM_HOME),
    ]);
    const refused = settle.flatMap((one) => (one.status === 'rejected' ? [one.reason as DomainError] : []));
    expect(refused.every(({ code }) => code === 'SETTING.CONFLICT')).toBe(true);
    const kept = settle.map(({ status }) => status === 'fulfilled');
    const limits = await waitFor(() => {
      const now = here.get(SettingsService).limitsOf('user');
      return (now.portfolios === 8) === kept[0] && (now.openOrders === 80) === kept[1] ? now : null;
    });
    expect(limits.wsSubscriptions).toBe(20);
  });

  it('refuse values out of range and names there are none of, and keep what was', async () => {
    const settings = here.get(SettingsService);
    const before = await here.get(SettingsRepository).find('role_limits');
    const bad = { roleLimits: { user: { portfolios: -1, openOrders: 1.5 } } };
    expect((await refusal(settings.update(OPERATOR, bad, FROM_HOME))).details.fields).toEqual([
      { field: 'role_limits.user.portfolios', message: 'must be a whole number from 0 to 10000' },
      { field: 'role_limits.user.open_orders', message: 'must be a whole number from 0 to 100000' },
    ]);
    const unknown = { roleLimits: { king: { portfolios: 1 } } as Partial<Record<Role, { portfolios: number }>> };
    expect((await refusal(settings.update(OPERATOR, unknown, FROM_HOME))).code).toBe('SETTING.UNKNOWN');
    expect(await here.get(SettingsRepository).find('role_limits')).toEqual(before);
  });
});

describe('rate limits', () => {
  startTwoInstances();

  it('start as the environment says and are stored', async () => {
    const policies = here.get(RateLimitPolicies);
    expect(policies.policyFor('login', 'anonymous')).toEqual({ limit: 5, windowMs: 60_000 });
    expect(policies.policyFor('login', 'admin')).toEqual({ limit: 5, windowMs: 60_000 });
    expect(policies.policyFor('register', 'anonymous')).toEqual({ limit: 10, windowMs: 60_000 });
    expect(policies.policyFor('api', 'premium_user')).toEqual({ limit: 600, windowMs: 60_000 });
    expect(await here.get(RateLimitRepository).list()).toEqual(expect.arrayContaining([...policies.list()]));
  });

  it('reach other instances, are audited, and outlast another environment; the others follow it', async () => {
    const limit: RateLimit = { group: 'login', role: 'anonymous', limit: 3, windowSeconds: 30 };
    const all = await here.get(RateLimitPolicies).update(OPERATOR, [limit], FROM_HOME);
    expect(all).toHaveLength(6);
    await waitFor(() => there.get(RateLimitPolicies).policyFor('login', 'anonymous').limit === 3);
    const { entries } = await here.get(AuditService).list({ action: 'rate_limits.changed', page: 1, pageSize: 10 });
    expect(entries).toMatchObject([
      {
        actorEmail: 'operator',
        detail: { name: 'login:anonymous', limit: 3, window_seconds: 30, from_limit: 5, from_window_seconds: 60 },
      },
    ]);
    const rateLimits = { loginAttempts: 50, loginWindowSeconds: 5, requestsPerMinute: 200 };
    const later = (await world.start({ rateLimits })).get(RateLimitPolicies);
    expect(later.policyFor('login', 'anonymous')).toEqual({ limit: 3, windowMs: 30_000 });
    expect(later.policyFor('api', 'admin')).toEqual({ limit: 1_200, windowMs: 60_000 });
  });

  it('are used where they can be: another that was stored by hand stays as it was, until an admin sets it right', async () => {
    const policies = here.get(RateLimitPolicies);
    const repository = here.get(RateLimitRepository);
    await policies.update(OPERATOR, [{ group: 'api', role: 'user', limit: 70, windowSeconds: 60 }], FROM_HOME);
    const byHand: RateLimit[] = [
      { group: 'api', role: 'user', limit: 0, windowSeconds: 60 },
      { group: 'register', role: 'anonymous', limit: 8, windowSeconds: 60 },
    ];
    const warn = jest.spyOn(policies['logger'], 'warn');
    await repository.replaceMany(byHand, null, new Date());
    await policies.refresh();
    await policies.refresh();
    expect(warn.mock.calls).toEqual([
      [{ msg: expect.stringContaining('api:user in system_db cannot be used: limit must be') }],
    ]);
    expect(policies.policyFor('api', 'user')).toEqual({ limit: 70, windowMs: 60_000 });
    expect(policies.policyFor('register', 'anonymous')).toEqual({ limit: 8, windowMs: 60_000 });
    const later = (await world.start()).get(RateLimitPolicies);
    expect(later.policyFor('api', 'user')).toEqual({ limit: 100, windowMs: 60_000 });

    await here.get(SettingsService).update(OPERATOR, { roleLimits: { user: { requestsPerMinute: 90 } } }, FROM_HOME);
    expect(await repository.list()).toContainEqual({ group: 'api', role: 'user', limit: 90, windowSeconds: 60 });
    await later.refresh();
    expect(later.policyFor('api', 'user')).toEqual({ limit: 90, windowMs: 60_000 });
  });

  it('refuse what there is none of, and set none of the others with it', async () => {
    const limits: RateLimit[] = [
      { group: 'api', role: 'user', limit: 1, windowSeconds: 1 },
      { group: 'login', role: 'admin', limit: 1, windowSeconds: 1 },
    ];
    const policies = here.get(RateLimitPolicies);
    const before = await here.get(RateLimitRepository).list();
    expect(await refusal(policies.update(OPERATOR, limits, FROM_HOME))).toMatchObject({
      code: 'SETTING.UNKNOWN',
      details: { fields: [{ field: 'rate_limits.1' }] },
    });
    expect(await here.get(RateLimitRepository).list()).toEqual(before);
  });
});
