import { type Account, AccountsService, AuditService, OPERATOR, PasswordHasher } from '@app/accounts';
import { type AuditAction, DomainError, type DomainErrorCode } from '@app/domain';
import { AuditLogRepository, type UserRecord, UserRepository } from '@app/persistence';
import { CHEAP_HASH, FROM_HOME, openTestAccounts, type TestAccounts, type TestInstance } from './accounts-harness';

const PASSWORD = 'correct horse battery';
const LOCK_MS = 30 * 60_000;

let world: TestAccounts;
let here: TestInstance;
let there: TestInstance;
let accounts: AccountsService;
let round = 0;

beforeAll(async () => {
  world = await openTestAccounts();
  [here, there] = [await world.start(), await world.start()];
  accounts = here.get(AccountsService);
});

afterAll(() => world.stop());

const newEmail = (): string => `ann${(round += 1)}@example.com`;
const register = (email = newEmail()): Promise<Account> => accounts.register({ email, password: PASSWORD }, FROM_HOME);
const logIn = (email: string, password = PASSWORD, service = accounts): Promise<Account> =>
  service.logIn({ email, password }, FROM_HOME);
const stored = async (id: string): Promise<UserRecord> => (await here.get(UserRepository).findById(id))!;

async function refusal(work: Promise<unknown>): Promise<DomainError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DomainError)) throw new Error(`no refusal but ${String(thrown)}`);
  return thrown;
}

const codeOf = async (work: Promise<unknown>): Promise<DomainErrorCode> => (await refusal(work)).code;
const fieldsOf = async (work: Promise<unknown>): Promise<string[]> =>
  ((await refusal(work)).details.fields ?? []).map(({ field }) => field);

async function auditedActions(userId: string): Promise<AuditAction[]> {
  const { entries } = await here.get(AuditService).list({ userId, page: 1, pageSize: 100 });
  return entries.map(({ action }) => action);
}

/** How many hashes some work costs: those made, and those a password is held against. */
async function hashesOf(work: () => Promise<unknown>): Promise<[made: number, checked: number]> {
  const hasher = here.get(PasswordHasher);
  const [made, checked] = [jest.spyOn(hasher, 'hash'), jest.spyOn(hasher, 'verify')];
  await work().catch(() => undefined);
  const counts: [number, number] = [made.mock.calls.length, checked.mock.calls.length];
  made.mockRestore();
  checked.mockRestore();
  return counts;
}

async function failOften(email: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await refusal(logIn(email, 'wrong password'));
}

describe('registering', () => {
  it('makes a user who can log in, whatever the case of the address', async () => {
    const account = await register('  Bob.Smith@Example.COM ');
    expect(account).toMatchObject({
      email: 'Bob.Smith@Example.COM',
      role: 'user',
      roles: ['user'],
      status: 'active',
      tokenVersion: 1,
    });
    expect(await logIn('bob.smith@example.com')).toEqual(account);
    expect(await auditedActions(account.id)).toEqual(expect.arrayContaining(['user.registered', 'user.login']));
  });

  it('costs one hash, whether the address is free or taken', async () => {
    const email = newEmail();
    expect(await hashesOf(() => register(email))).toEqual([1, 0]);
    expect(await hashesOf(() => register(email))).toEqual([1, 0]);
  });

  it('gives an address to one of two who ask at once', async () => {
    const email = newEmail();
    const outcomes = await Promise.allSettled([
      register(email),
      there.get(AccountsService).register({ email: email.toUpperCase(), password: PASSWORD }, FROM_HOME),
    ]);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as DomainError] : []));
    expect(refused.map(({ code }) => code)).toEqual(['AUTH.EMAIL_TAKEN']);
    expect((await accounts.listUsers({ email, page: 1, pageSize: 10 })).total).toBe(1);
  });

  it('names every field that breaks a rule, and makes nothing', async () => {
    expect(await fieldsOf(accounts.register({ email: 'nobody', password: 'short' }, FROM_HOME))).toEqual([
      'email',
      'password',
    ]);
    expect((await accounts.listUsers({ email: 'nobody', page: 1, pageSize: 10 })).total).toBe(0);
  });
});

describe('logging in', () => {
  it('answers an unknown address, a wrong password and a disabled account alike', async () => {
    const known = await register();
    const disabled = await register();
    await accounts.updateUser(OPERATOR, disabled.id, { status: 'disabled' }, FROM_HOME);
    const answers = await Promise.all([
      refusal(logIn(newEmail())),
      refusal(logIn(known.email, 'wrong password')),
      refusal(logIn(disabled.email)),
    ]);
    expect(new Set(answers.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    expect(answers[0]?.code).toBe('AUTH.BAD_CREDENTIALS');
  });

  it('costs one hash, whatever becomes of it', async () => {
    const [known, locked, disabled] = [await register(), await register(), await register()];
    await failOften(locked.email, 10);
    await accounts.updateUser(OPERATOR, disabled.id, { status: 'disabled' }, FROM_HOME);
    const attempts: [email: string, password: string][] = [
      [newEmail(), PASSWORD],
      [known.email, 'wrong password'],
      [known.email, PASSWORD],
      [locked.email, 'wrong password'],
      [locked.email, PASSWORD],
      [disabled.email, PASSWORD],
    ];
    for (const [email, password] of attempts) expect(await hashesOf(() => logIn(email, password))).toEqual([0, 1]);
  });

  it('writes as much for every refusal, whoever is asked for', async () => {
    const [known, locked, disabled] = [await register(), await register(), await register()];
    await failOften(locked.email, 10);
    await accounts.updateUser(OPERATOR, disabled.id, { status: 'disabled' }, FROM_HOME);
    const writes = [
      jest.spyOn(here.get(UserRepository), 'recordFailure'),
      jest.spyOn(here.get(UserRepository), 'recordNobodysFailure'),
      jest.spyOn(here.get(AuditLogRepository), 'append'),
    ];
    const seen: [counted: number, noted: number][] = [];
    for (const email of [newEmail(), known.email, locked.email, disabled.email]) {
      writes.forEach((write) => write.mockClear());
      await refusal(logIn(email, 'wrong password'));
      const [counted = 0, countedForNobody = 0, noted = 0] = writes.map(({ mock }) => mock.calls.length);
      seen.push([counted + countedForNobody, noted]);
    }
    expect(seen).toEqual(Array(4).fill([1, 1]));
    writes.forEach((write) => write.mockRestore());
  });

  it('keeps what was typed for an address only if it can be one', async () => {
    const typed = 'my secret pass phrase';
    const email = newEmail();
    await Promise.all([refusal(logIn(typed)), refusal(logIn(email))]);
    const query = { action: 'user.login_failed', page: 1, pageSize: 100 } as const;
    const { entries } = await here.get(AuditService).list(query);
    expect(JSON.stringify(entries)).not.toContain(typed);
    expect(entries.map(({ actorEmail }) => actorEmail)).toEqual(expect.arrayContaining([null, email]));
  });

  it('forgets failures at the next success', async () => {
    const { id, email } = await register();
    await failOften(email, 9);
    await logIn(email);
    expect((await stored(id)).failedAttempts).toBe(0);
    await failOften(email, 9);
    expect((await logIn(email)).status).toBe('active');
  });

  it('renews a hash made with other parameters, for all who log in at that moment', async () => {
    const { id, email } = await register();
    const dearer = await world.start({ passwordHash: { ...CHEAP_HASH, memoryKib: 16 } });
    const before = (await stored(id)).passwordHash;
    await Promise.all([1, 2, 3, 4].map(() => logIn(email, PASSWORD, dearer.get(AccountsService))));
    const after = (await stored(id)).passwordHash;
    expect(before).toContain('m=8,t=1,p=1');
    expect(after).toContain('m=16,t=1,p=1');
    expect((await logIn(email, PASSWORD, dearer.get(AccountsService))).tokenVersion).toBe(1);
    expect((await stored(id)).passwordHash).toBe(after);
    await dearer.stop();
  });
});

describe('lockout', () => {
  it('comes with the tenth of twenty failures at once, over two instances, and is noted once', async () => {
    const { id, email } = await register();
    const services = [accounts, there.get(AccountsService)];
    const guesses = Array.from({ length: 20 }, (_, n) => refusal(logIn(email, 'wrong password', services[n % 2])));
    const answers = await Promise.all(guesses);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['AUTH.BAD_CREDENTIALS']));
    expect(await stored(id)).toMatchObject({
      status: 'locked',
      failedAttempts: 10,
      lockedUntil: new Date(world.clock.now().getTime() + LOCK_MS),
    });
    expect((await auditedActions(id)).filter((action) => action === 'user.locked')).toHaveLength(1);
  });

  it('refuses the right password as it does a wrong one, and counts neither', async () => {
    const { id, email } = await register();
    await failOften(email, 10);
    world.clock.advance(1);
    const [right, wrong] = [await refusal(logIn(email)), await refusal(logIn(email, 'wrong password'))];
    expect(right.message).toBe(wrong.message);
    expect(right.code).toBe('AUTH.BAD_CREDENTIALS');
    expect((await stored(id)).failedAttempts).toBe(10);
    const { entries } = await here.get(AuditService).list({ userId: id, page: 1, pageSize: 2 });
    expect(entries.map(({ detail }) => detail)).toEqual([{ reason: 'closed' }, { reason: 'closed' }]);
  });

  it('runs out, and counting starts again', async () => {
    const { id, email } = await register();
    await failOften(email, 10);
    world.clock.advance(LOCK_MS - 1);
    expect(await codeOf(logIn(email))).toBe('AUTH.BAD_CREDENTIALS');
    world.clock.advance(1);
    await failOften(email, 1);
    expect(await stored(id)).toMatchObject({ status: 'active', failedAttempts: 1, lockedUntil: null });
    expect((await logIn(email)).failedAttempts).toBe(0);
  });

  it('ends when an admin unlocks the account', async () => {
    const { id, email } = await register();
    await failOften(email, 10);
    const unlocked = await accounts.updateUser(OPERATOR, id, { unlock: true }, FROM_HOME);
    expect(unlocked).toMatchObject({ status: 'active', failedAttempts: 0, lockedUntil: null, tokenVersion: 1 });
    expect((await logIn(email)).id).toBe(id);
    expect(await auditedActions(id)).toContain('user.unlocked');
  });

  it('leaves tokens issued before alone', async () => {
    const { id, email } = await register();
    await failOften(email, 10);
    world.clock.advance(2_000);
    expect(await accounts.identify({ sub: id, ver: 1 })).toMatchObject({ status: 'locked' });
  });
});

describe('tokens', () => {
  it('end at a change of password, of role, and when the account is disabled: here at once, elsewhere within a second', async () => {
    const changes: ((id: string) => Promise<Account>)[] = [
      (id) => accounts.changePassword(id, PASSWORD, 'another long password', FROM_HOME),
      (id) => accounts.updateUser(OPERATOR, id, { role: 'premium_user' }, FROM_HOME),
      (id) => accounts.updateUser(OPERATOR, id, { status: 'disabled' }, FROM_HOME),
    ];
    for (const change of changes) {
      const { id } = await register();
      const claims = { sub: id, ver: 1 };
      const elsewhere = there.get(AccountsService);
      await Promise.all([accounts.identify(claims), elsewhere.identify(claims)]);
      expect((await change(id)).tokenVersion).toBe(2);
      expect(await codeOf(accounts.identify(claims))).toBe('AUTH.REQUIRED');
      world.clock.advance(1_000);
      expect(await codeOf(elsewhere.identify(claims))).toBe('AUTH.REQUIRED');
    }
  });

  it('issued by one instance after a change count on another that remembers the account as it was', async () => {
    const { id } = await register();
    const elsewhere = there.get(AccountsService);
    await elsewhere.identify({ sub: id, ver: 1 });
    const changed = await accounts.updateUser(OPERATOR, id, { role: 'premium_user' }, FROM_HOME);
    expect(await elsewhere.identify({ sub: id, ver: changed.tokenVersion })).toMatchObject({ role: 'premium_user' });
    expect(await codeOf(elsewhere.identify({ sub: id, ver: 1 }))).toBe('AUTH.REQUIRED');
  });

  it('are renewed by what the store says, not by what is remembered', async () => {
    const { id } = await register();
    const elsewhere = there.get(AccountsService);
    await elsewhere.identify({ sub: id, ver: 1 });
    await accounts.updateUser(OPERATOR, id, { status: 'disabled' }, FROM_HOME);
    expect(await codeOf(elsewhere.refresh({ sub: id, ver: 1 }))).toBe('AUTH.REQUIRED');
  });

  it('that count no more are found among many, as accounts are at this moment, on any instance', async () => {
    const [open, locked, disabled, changed] = [await register(), await register(), await register(), await register()];
    await failOften(locked.email, 10);
    await here.get(UserRepository).update(disabled.id, { status: 'disabled' }, { endTokens: false }, new Date());
    await accounts.changePassword(changed.id, PASSWORD, 'another password of theirs', FROM_HOME);
    const tokens = [open, locked, disabled, changed].flatMap(({ id }) => [{ sub: id, ver: 1 }]);
    const many = [...tokens, { sub: 'nobody', ver: 1 }, { sub: open.id, ver: 2 }];
    expect(await there.get(AccountsService).findEnded(many)).toEqual([
      { sub: disabled.id, ver: 1 },
      { sub: changed.id, ver: 1 },
      { sub: 'nobody', ver: 1 },
      { sub: open.id, ver: 2 },
    ]);
    expect(await accounts.findEnded([])).toEqual([]);
  });

  it('of nobody do not count', async () => {
    expect(await codeOf(accounts.identify({ sub: 'nobody', ver: 1 }))).toBe('AUTH.REQUIRED');
  });
});

describe('changing the password', () => {
  it('needs the current one, and counts wrong ones like wrong logins', async () => {
    const { id } = await register();
    const guess = (): Promise<Account> =>
      accounts.changePassword(id, 'wrong password', 'another long password', FROM_HOME);
    for (let time = 0; time < 10; time += 1) expect(await fieldsOf(guess())).toEqual(['current_password']);
    expect((await stored(id)).status).toBe('locked');
    const right = accounts.changePassword(id, PASSWORD, 'another long password', FROM_HOME);
    expect(await fieldsOf(right)).toEqual(['current_password']);
    expect(await stored(id)).toMatchObject({ tokenVersion: 1, failedAttempts: 10 });
  });

  it.each([
    ['too short', 'short'],
    ['only spaces', ' '.repeat(12)],
    ['the same', PASSWORD],
  ])('refuses a new one that is %s', async (_what, next) => {
    const { id, email } = await register();
    expect(await fieldsOf(accounts.changePassword(id, PASSWORD, next, FROM_HOME))).toEqual(['new_password']);
    expect((await logIn(email)).tokenVersion).toBe(1);
  });

  it('is done by one of two who try at once', async () => {
    const { id, email } = await register();
    const nexts = ['the first new password', 'the second new password'];
    const outcomes = await Promise.allSettled(
      nexts.map((next) => accounts.changePassword(id, PASSWORD, next, FROM_HOME)),
    );
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await logIn(email, nexts[won])).tokenVersion).toBe(2);
    expect((await auditedActions(id)).filter((action) => action === 'user.password_changed')).toHaveLength(1);
  });
});

describe('what admins do', () => {
  const provision = async (role: 'user' | 'admin'): Promise<Account> =>
    (await accounts.provision({ email: newEmail(), password: PASSWORD, role }, FROM_HOME)).account;

  it('provisions an account once', async () => {
    const email = newEmail();
    const first = await accounts.provision({ email, password: PASSWORD, role: 'premium_user' }, FROM_HOME);
    const again = await accounts.provision({ email, password: 'another long password', role: 'admin' }, FROM_HOME);
    expect(first).toMatchObject({ created: true, account: { role: 'premium_user', roles: ['user', 'premium_user'] } });
    expect(again).toEqual({ created: false, account: first.account });
  });

  it('keeps one admin of two who demote each other at once', async () => {
    const { users } = await accounts.listUsers({ role: 'admin', page: 1, pageSize: 100 });
    const [one, two] = [await provision('admin'), await provision('admin')];
    for (const { id } of users) await accounts.updateUser(one, id, { role: 'user' }, FROM_HOME);
    const outcomes = await Promise.allSettled([
      accounts.updateUser(one, two.id, { role: 'user' }, FROM_HOME),
      there.get(AccountsService).updateUser(two, one.id, { status: 'disabled' }, FROM_HOME),
    ]);
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as DomainError] : [],
    );
    expect(refused.map(({ code }) => code)).toEqual(['USER.LAST_ADMIN']);
    expect(await here.get(UserRepository).countActiveAdmins()).toBe(1);
  });

  it('changes nothing of what is so already', async () => {
    const user = await provision('user');
    const same = await accounts.updateUser(
      OPERATOR,
      user.id,
      { role: 'user', status: 'active', unlock: true },
      FROM_HOME,
    );
    expect(same).toEqual(user);
    expect(await auditedActions(user.id)).toEqual(['user.created']);
  });

  it('notes who changed what', async () => {
    const [admin, user] = [await provision('admin'), await provision('user')];
    await accounts.updateUser(admin, user.id, { role: 'premium_user', status: 'disabled' }, FROM_HOME);
    const { entries } = await here.get(AuditService).list({ userId: user.id, page: 1, pageSize: 10 });
    const shared = { actorId: admin.id, actorEmail: admin.email, subjectId: user.id, ...FROM_HOME };
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...shared,
          action: 'user.status_changed',
          detail: { from: 'active', to: 'disabled' },
        }),
        expect.objectContaining({
          ...shared,
          action: 'user.role_changed',
          detail: { from: 'user', to: 'premium_user' },
        }),
      ]),
    );
  });

  it('refuses an unknown user, and to disable oneself', async () => {
    const admin = await provision('admin');
    expect(await codeOf(accounts.updateUser(admin, 'nobody', { role: 'user' }, FROM_HOME))).toBe('USER.NOT_FOUND');
    expect(await codeOf(accounts.updateUser(admin, admin.id, { status: 'disabled' }, FROM_HOME))).toBe(
      'USER.OWN_ACCOUNT',
    );
  });

  it('leaves a disabled account disabled when it is unlocked', async () => {
    const user = await provision('user');
    await accounts.updateUser(OPERATOR, user.id, { status: 'disabled' }, FROM_HOME);
    expect((await accounts.updateUser(OPERATOR, user.id, { unlock: true }, FROM_HOME)).status).toBe('disabled');
    expect((await accounts.updateUser(OPERATOR, user.id, { status: 'active' }, FROM_HOME)).status).toBe('active');
    expect((await logIn(user.email)).tokenVersion).toBe(2);
  });

  it('lists by what an account is at this moment', async () => {
    const { id, email } = await register();
    await failOften(email, 10);
    const find = async (status: 'active' | 'locked'): Promise<string[]> =>
      (await accounts.listUsers({ status, email, page: 1, pageSize: 10 })).users.map((user) => user.id);
    expect([await find('locked'), await find('active')]).toEqual([[id], []]);
    world.clock.advance(LOCK_MS);
    expect([await find('locked'), await find('active')]).toEqual([[], [id]]);
  });
});
