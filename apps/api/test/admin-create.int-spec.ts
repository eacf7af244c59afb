import { accountsEnv, accountsOptions } from '@app/accounts';
import { databaseConnection, openConnection, UserRepository } from '@app/persistence';
import { startTestStore, type TestStore } from '@app/testing';
import { type CommandTerminal, createAdmin } from '../src';

const PASSWORD = 'the password of the admin';
const CHEAP = accountsOptions(accountsEnv.parse({ PASSWORD_HASH_MEMORY_KIB: '1024', PASSWORD_HASH_ITERATIONS: '1' }));

/** Answers what it was given, in order, and keeps what was said. */
class GivenTerminal implements CommandTerminal {
  readonly said: string[] = [];

  constructor(
    private readonly answers: string[],
    readonly isInteractive = true,
  ) {}

  askHidden(question: string): Promise<string> {
    return this.ask(question);
  }

  ask(question: string): Promise<string> {
    this.said.push(question);
    const answer = this.answers.shift();
    return answer === undefined ? Promise.reject(new Error(`not expected: ${question}`)) : Promise.resolve(answer);
  }

  say(line: string): void {
    this.said.push(line);
  }
}

describe('making an admin from the command line', () => {
  let store: TestStore;
  let connection: Awaited<ReturnType<typeof openConnection>>;
  let users: UserRepository;

  beforeAll(async () => {
    store = await startTestStore();
    connection = await openConnection({ uri: store.uri });
    users = new UserRepository(databaseConnection(connection, 'auth_db', store.databasePrefix));
  });
  afterAll(async () => {
    await connection?.close();
    await store?.stop();
  });

  const run = async (
    email: string,
    {
      terminal = new GivenTerminal([], false),
      password,
      promote = false,
    }: {
      terminal?: GivenTerminal;
      password?: string;
      promote?: boolean;
    },
  ): Promise<string> => {
    const config = { database: store, accounts: CHEAP, password };
    await createAdmin({ email, promote }, config, terminal);
    return terminal.said.join('\n');
  };

  it('asks for the password twice', async () => {
    const terminal = new GivenTerminal([PASSWORD, PASSWORD]);
    const said = await run('Asked@Example.com', { terminal });
    expect(said).toContain('is an admin now');
    expect(said).not.toContain(PASSWORD);
    expect(await users.findByEmailKey('asked@example.com')).toMatchObject({ role: 'admin', status: 'active' });
  });

  it('takes the password it is given, and changes nothing the second time', async () => {
    await run('given@example.com', { password: PASSWORD });
    const made = await users.findByEmailKey('given@example.com');
    expect(made).toMatchObject({ role: 'admin' });
    expect(await run('given@example.com', { password: 'another password', promote: true })).toContain('already');
    expect(await users.findByEmailKey('given@example.com')).toEqual(made);
  });

  it.each([
    ['two passwords that differ', new GivenTerminal([PASSWORD, 'another password']), 'differ'],
    ['a password that is too short', new GivenTerminal(['short']), 'at least 8'],
    ['nobody to ask', new GivenTerminal([], false), 'ADMIN_PASSWORD'],
  ])('makes none of %s', async (_what, terminal, reason) => {
    await expect(run('none@example.com', { terminal })).rejects.toThrow(reason);
    expect(await users.findByEmailKey('none@example.com')).toBeNull();
  });

  it('names an address that is none', async () => {
    await expect(run('not an address', { password: PASSWORD })).rejects.toThrow('--email');
  });

  describe('of an account that is there', () => {
    let count = 0;

    async function aUser(status: 'active' | 'disabled' | 'locked', role: 'user' | 'admin' = 'user'): Promise<string> {
      count += 1;
      const email = `user-${count}@example.com`;
      const now = new Date();
      await users.insert({
        id: `user-${count}`,
        email,
        emailKey: email,
        passwordHash: 'a hash',
        role,
        status,
        failedAttempts: status === 'locked' ? 10 : 0,
        lockedUntil: status === 'locked' ? new Date(now.getTime() + 3_600_000) : null,
        tokenVersion: 1,
        createdAt: now,
        updatedAt: now,
      });
      return email;
    }

    it('asks first, and leaves it alone without a yes', async () => {
      const email = await aUser('active');
      await expect(run(email, { terminal: new GivenTerminal(['no']) })).rejects.toThrow('Nothing was changed');
      await expect(run(email, { password: PASSWORD })).rejects.toThrow('--promote');
      expect(await users.findByEmailKey(email)).toMatchObject({ role: 'user', tokenVersion: 1 });
    });

    it('lets an admin in again who is locked out', async () => {
      const email = await aUser('locked', 'admin');
      expect(await run(email, { promote: true })).toContain('is an active admin again');
      expect(await users.findByEmailKey(email)).toMatchObject({
        role: 'admin',
        status: 'active',
        failedAttempts: 0,
        lockedUntil: null,
      });
    });

    it.each(['active', 'disabled'] as const)(
      'promotes one that is %s when told to, with its own password',
      async (status) => {
        const email = await aUser(status);
        const asked = status === 'active';
        await run(email, asked ? { terminal: new GivenTerminal(['yes']) } : { promote: true });
        expect(await users.findByEmailKey(email)).toMatchObject({
          role: 'admin',
          status: 'active',
          passwordHash: 'a hash',
          tokenVersion: 2,
        });
      },
    );
  });
});
