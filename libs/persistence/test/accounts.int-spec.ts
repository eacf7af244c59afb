import {
  type AuditEntry,
  AuditLogRepository,
  RateLimitRepository,
  SettingsRepository,
  StoreTransactions,
  type UserRecord,
  UserRepository,
} from '@app/persistence';
import type { RateLimit } from '@app/domain';
import { openTestDatabases, TestDatabases } from './test-databases';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 22, 10, 0, seconds));
const RULE = { threshold: 3, lockMs: 60_000 };

let databases: TestDatabases;

beforeAll(async () => {
  databases = await openTestDatabases();
});

afterAll(() => databases.close());

const aUser = (id: string, overrides: Partial<UserRecord> = {}): UserRecord => ({
  id,
  email: `${id}@Example.com`,
  emailKey: `${id}@example.com`,
  passwordHash: 'hash-1',
  role: 'user',
  status: 'active',
  failedAttempts: 0,
  lockedUntil: null,
  tokenVersion: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...overrides,
});

describe('users', () => {
  let users: UserRepository;
  beforeEach(async () => {
    users = new UserRepository(databases.connection('auth_db'));
    await databases.empty('auth_db', 'users');
  });

  it('are found by id and address, and have an address each', async () => {
    expect(await users.insert(aUser('u1'))).toBe(true);
    expect(await users.insert(aUser('u2', { emailKey: 'u1@example.com' }))).toBe(false);
    expect(await users.findById('u1')).toEqual(aUser('u1'));
    expect(await users.findByEmailKey('u1@example.com')).toEqual(aUser('u1'));
    expect(await users.findById('u2')).toBeNull();
  });

  it('are locked by the failure that reaches the threshold, however many come at once', async () => {
    await users.insert(aUser('u1'));
    const counted = await Promise.all(Array.from({ length: 20 }, () => users.recordFailure('u1', at(1), RULE)));
    expect(counted.filter((one) => one?.lockedNow)).toHaveLength(1);
    expect(await users.findById('u1')).toMatchObject({ failedAttempts: 3, status: 'locked', lockedUntil: at(61) });
  });

  it('are left alone by failures that are counted for nobody, however many come first at once', async () => {
    const user = aUser('u1');
    await users.insert(user);
    await Promise.all(Array.from({ length: 20 }, () => users.recordNobodysFailure(at(1))));
    expect(await users.findById('u1')).toEqual(user);
    expect((await users.list({ page: 1, pageSize: 10 }, at(1))).total).toBe(1);
  });

  it('count anew after a lock, also when many fail at once then', async () => {
    await users.insert(aUser('u1', { status: 'locked', failedAttempts: 3, lockedUntil: at(10) }));
    expect(await users.recordFailure('u1', at(9), RULE)).toMatchObject({
      lockedNow: false,
      user: { failedAttempts: 3 },
    });
    await Promise.all([1, 2].map(() => users.recordFailure('u1', at(10), RULE)));
    expect(await users.findById('u1')).toMatchObject({ failedAttempts: 2, status: 'active', lockedUntil: null });
  });

  it('are locked by the first failure when that is the rule, also after a lock', async () => {
    await users.insert(aUser('u1'));
    const strict = { threshold: 1, lockMs: 1_000 };
    expect(await users.recordFailure('u1', at(0), strict)).toMatchObject({ lockedNow: true });
    expect(await users.recordFailure('u1', at(1), strict)).toMatchObject({
      lockedNow: true,
      user: { failedAttempts: 1 },
    });
  });

  it('whose lock has no end wait for an admin', async () => {
    const user = aUser('u1', { status: 'locked', failedAttempts: 3 });
    await users.insert(user);
    expect(await users.recordFailure('u1', at(1), RULE)).toEqual({ user, lockedNow: false });
    expect(await users.recordSuccess(user, at(1))).toBeNull();
    expect((await users.list({ status: 'locked', page: 1, pageSize: 10 }, at(1))).total).toBe(1);
    expect(await users.unlock('u1', at(1))).toMatchObject({ status: 'active', failedAttempts: 0 });
  });

  it('who are disabled stay so, whatever is tried', async () => {
    const user = aUser('u1', { status: 'disabled' });
    await users.insert(user);
    expect(await users.recordFailure('u1', at(1), { threshold: 1, lockMs: 1 })).toEqual({ user, lockedNow: false });
    expect(await users.recordSuccess(user, at(1))).toBeNull();
    expect(await users.unlock('u1', at(1))).toBeNull();
    expect(await users.setPasswordHash(user, 'hash-2', { endTokens: true }, at(1))).toBeNull();
    expect(await users.findById('u1')).toEqual(user);
  });

  it('log in only with the password that was checked, and not during a lock', async () => {
    const user = aUser('u1', { failedAttempts: 2 });
    await users.insert(user);
    expect(await users.recordSuccess({ ...user, passwordHash: 'old' }, at(1))).toBeNull();
    expect(await users.recordSuccess(user, at(1))).toMatchObject({ failedAttempts: 0 });
    for (let time = 0; time < 3; time += 1) await users.recordFailure('u1', at(2), RULE);
    expect(await users.recordSuccess(user, at(61))).toBeNull();
    expect(await users.recordSuccess(user, at(62))).toMatchObject({ status: 'active', failedAttempts: 0 });
  });

  it('keep a newer password when an older hash is renewed', async () => {
    const user = aUser('u1');
    await users.insert(user);
    expect(await users.setPasswordHash(user, 'hash-2', { endTokens: true }, at(1))).toMatchObject({ tokenVersion: 2 });
    await users.rehash('u1', 'hash-1', 'hash-1 renewed', at(2));
    expect((await users.findById('u1'))?.passwordHash).toBe('hash-2');
    await users.rehash('u1', 'hash-2', 'hash-2 renewed', at(3));
    expect(await users.findById('u1')).toMatchObject({ passwordHash: 'hash-2 renewed', tokenVersion: 2 });
  });

  it('are listed by role, status and address, page by page', async () => {
    for (const user of [
      aUser('u1'),
      aUser('u2', { role: 'admin' }),
      aUser('u3', { role: 'admin', status: 'locked', lockedUntil: at(10) }),
      aUser('u4', { role: 'admin', status: 'disabled' }),
    ])
      await users.insert(user);
    const ids = async (query: Partial<Parameters<typeof users.list>[0]>, now = at(0)): Promise<string[]> =>
      (await users.list({ page: 1, pageSize: 10, ...query }, now)).users.map(({ id }) => id);
    expect(await ids({ role: 'admin' })).toEqual(['u2', 'u3', 'u4']);
    expect(await ids({ role: 'admin', status: 'locked' })).toEqual(['u3']);
    expect(await ids({ role: 'admin', status: 'active' }, at(10))).toEqual(['u2', 'u3']);
    expect(await ids({ emailKey: 'u4@example.com' })).toEqual(['u4']);
    expect(await ids({ page: 2, pageSize: 3 })).toEqual(['u4']);
    expect((await users.list({ page: 2, pageSize: 3 }, at(0))).total).toBe(4);
    expect(await users.countActiveAdmins()).toBe(2);
  });

  it('and what belongs to them are written together or not at all', async () => {
    const transactions = new StoreTransactions(databases.connection('auth_db'));
    const log = new AuditLogRepository(databases.connection('auth_db'));
    await databases.empty('auth_db', 'audit_log');
    const work = transactions.run(async (transaction) => {
      await users.insert(aUser('u1'), transaction);
      await log.append(anEntry('a1', 0), at(1), transaction);
      throw new Error('the process ends here');
    });
    await expect(work).rejects.toThrow('the process ends here');
    expect(await users.findById('u1')).toBeNull();
    expect((await log.list({ page: 1, pageSize: 10 })).total).toBe(0);
  });
});

const anEntry = (id: string, second: number, overrides: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: at(second),
  action: 'user.login',
  actorId: null,
  actorEmail: null,
  subjectId: null,
  address: '203.0.113.7',
  requestId: 'r1',
  detail: { reason: 'test', times: 2, ok: true, nothing: null },
  ...overrides,
});

describe('the audit log', () => {
  let log: AuditLogRepository;
  beforeEach(async () => {
    log = new AuditLogRepository(databases.connection('auth_db'));
    await databases.empty('auth_db', 'audit_log');
  });

  it('lists the newest first, by action, account and time', async () => {
    const future = new Date('2100-01-01T00:00:00Z');
    const first = anEntry('a1', 1, { actorId: 'ann', actorEmail: 'ann@example.com', subjectId: 'ann' });
    await log.append(first, future);
    await log.append(anEntry('a2', 2, { action: 'user.role_changed', actorId: 'root', subjectId: 'ann' }), future);
    await log.append(anEntry('a3', 3, { actorId: 'root' }), future);
    const ids = async (query: Partial<Parameters<typeof log.list>[0]>): Promise<string[]> =>
      (await log.list({ page: 1, pageSize: 10, ...query })).entries.map(({ id }) => id);
    expect(await ids({})).toEqual(['a3', 'a2', 'a1']);
    expect(await ids({ action: 'user.login' })).toEqual(['a3', 'a1']);
    expect(await ids({ userId: 'ann' })).toEqual(['a2', 'a1']);
    expect(await ids({ userId: 'root', action: 'user.login' })).toEqual(['a3']);
    expect(await ids({ from: at(1), to: at(3) })).toEqual(['a2', 'a1']);
    expect(await log.list({ page: 3, pageSize: 1 })).toEqual({ entries: [first], total: 3 });
  });

  it('is ordered by its indexes, and drops entries at their own time', async () => {
    expect(await databases.indexesUsed('auth_db', 'audit_log', {}, { at: -1, _id: -1 })).toContain('newest');
    const byAction = await databases.indexesUsed('auth_db', 'audit_log', { action: 'user.login' }, { at: -1, _id: -1 });
    expect(byAction).toContain('of_action');
    expect(await databases.indexesUsed('auth_db', 'audit_log', { user_ids: 'ann' }, {})).toContain('of_user');
    const indexes = await databases.connection('auth_db').collection('audit_log').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expires_at: 1 }, expireAfterSeconds: 0 }));
  });
});

describe('settings', () => {
  it('are saved over the version they were read at, by one of two', async () => {
    const settings = new SettingsRepository(databases.connection('system_db'));
    const save = (n: number, readVersion: number): ReturnType<typeof settings.save> =>
      settings.save({ name: 'a_setting', value: { n }, readVersion }, 'ann', at(n));
    expect(await settings.find('a_setting')).toBeNull();
    const first = await Promise.all([save(1, 0), save(2, 0)]);
    expect(first.filter((saved) => saved !== null)).toMatchObject([{ version: 1, changedBy: 'ann' }]);
    expect(await save(3, 0)).toBeNull();
    expect(await save(4, 1)).toMatchObject({ version: 2, value: { n: 4 } });
    expect(await settings.find('a_setting')).toEqual({
      name: 'a_setting',
      value: { n: 4 },
      version: 2,
      changedBy: 'ann',
      updatedAt: at(4),
    });
  });
});

describe('rate limits', () => {
  it('follow their defaults until an admin sets them', async () => {
    const limits = new RateLimitRepository(databases.connection('system_db'));
    const login = (limit: number): RateLimit => ({ group: 'login', role: 'anonymous', limit, windowSeconds: 60 });
    const api = (limit: number): RateLimit => ({ group: 'api', role: 'user', limit, windowSeconds: 60 });
    await Promise.all([1, 2].map(() => limits.ensureDefaults([login(5), api(100)], at(0))));
    expect(await limits.list()).toEqual([api(100), login(5)]);
    await limits.replaceMany([login(3)], 'root', at(1));
    await limits.ensureDefaults([login(9), api(200)], at(2));
    expect(await limits.list()).toEqual([api(200), login(3)]);
  });
});
