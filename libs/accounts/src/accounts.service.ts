import { DomainError, emailProblem, type FieldProblem, normaliseEmail, passwordProblem, type Role } from '@app/domain';
import type { UserStatus } from '@app/domain';
import { StoreTransactions, type StoreTransaction, type UserRecord, UserRepository } from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { type Account, type Actor, OPERATOR, type RequestContext, toAccount } from './account';
import { ACCOUNTS_OPTIONS, type AccountsOptions, IDENTITY_CACHE_MS } from './accounts.options';
import { AuditService } from './audit/audit.service';
import { IdentityCache } from './identity-cache';
import { mayLogIn } from './lockout';
import { PasswordHasher } from './passwords/password-hasher';
import { SettingsService } from './settings/settings.service';
import { planUserChange, type PlannedUserChange, type UserChange } from './user-change';

export interface Credentials {
  email: string;
  password: string;
}

/** What a token says about its bearer. */
export interface TokenClaims {
  /** Id of the account. */
  sub: string;
  /** Version of the account's tokens it was issued at. */
  ver: number;
}

/** Accounts: who there is, who may log in, and what ends a token. */
@Injectable()
export class AccountsService {
  private readonly identities: IdentityCache;

  constructor(
    private readonly users: UserRepository,
    private readonly transactions: StoreTransactions,
    private readonly audit: AuditService,
    private readonly hasher: PasswordHasher,
    private readonly settings: SettingsService,
    private readonly clock: Clock,
    @Inject(ACCOUNTS_OPTIONS) options: AccountsOptions,
  ) {
    this.identities = new IdentityCache((id) => users.findById(id), options.identityCacheMs ?? IDENTITY_CACHE_MS);
  }

  /**
   * Makes an account. A hash is computed whether the address is free or not, so that the time tells nothing.
   * @throws DomainError `REQUEST.UNACCEPTABLE` naming `email` or `password`, `AUTH.EMAIL_TAKEN`, `AUTH.BUSY`
   */
  async register(credentials: Credentials, context: RequestContext): Promise<Account> {
    const user = await this.newUser(credentials, 'user');
    const actor: Actor = { id: user.id, email: user.email };
    if (await this.insert(user, { action: 'user.registered', actor, subjectId: user.id, context })) {
      return toAccount(user, this.clock.now());
    }
    await this.audit.record({ action: 'user.registration_refused', actor: { id: null, email: user.email }, context });
    throw new DomainError('AUTH.EMAIL_TAKEN', 'This email address is registered already; log in instead.', {
      fields: [{ field: 'email', message: 'is registered already' }],
    });
  }

  /**
   * Makes an account of any role, on behalf of whoever runs this installation; an account of that address is left as it is.
   * @throws DomainError `REQUEST.UNACCEPTABLE` naming `email` or `password`
   */
  async provision(
    account: Credentials & { role: Role },
    context: RequestContext,
  ): Promise<{ account: Account; created: boolean }> {
    const user = await this.newUser(account, account.role);
    const detail = { role: user.role };
    const note = { action: 'user.created', actor: OPERATOR, subjectId: user.id, context, detail } as const;
    const created = await this.insert(user, note);
    const stored = created ? user : await this.users.findByEmailKey(user.emailKey);
    if (stored === null) throw new Error('an account that was there a moment ago is gone');
    return { account: toAccount(stored, this.clock.now()), created };
  }

  /**
   * Checks who somebody is. An unknown address, a wrong password, a locked and a disabled account get one answer, at one price.
   * @throws DomainError `AUTH.BAD_CREDENTIALS`, `AUTH.BUSY`
   */
  async logIn({ email, password }: Credentials, context: RequestContext): Promise<Account> {
    const user = await this.users.findByEmailKey(normaliseEmail(email));
    const isRight = await this.hasher.verify(user?.passwordHash ?? this.hasher.dummyHash, password);
    const accepted = user !== null && isRight ? await this.admit(user, password) : null;
    if (accepted === null) {
      await this.refuseLogin(email, user, isRight, context);
      throw badCredentials();
    }
    await this.renewHash(accepted, password);
    await this.audit.record({ action: 'user.login', actor: accepted, subjectId: accepted.id, context });
    return toAccount(accepted, this.clock.now());
  }

  /**
   * Returns the account behind a token, as it was at most a second ago, or changed through this process.
   * @throws DomainError `AUTH.REQUIRED` when the token counts no more
   */
  async identify(claims: TokenClaims): Promise<Account> {
    const now = this.clock.now();
    const known = await this.identities.get(claims.sub, now);
    if (known !== null && known.tokenVersion >= claims.ver) return accept(known, claims, now);
    // The token is newer than what is remembered: another instance issued it a moment ago.
    this.identities.drop(claims.sub);
    return accept(await this.identities.get(claims.sub, now), claims, now);
  }

  /** Returns those of some tokens that count no more, as accounts are now, however many there are. */
  async findEnded<T extends TokenClaims>(tokens: readonly T[]): Promise<T[]> {
    const ids = [...new Set(tokens.map(({ sub }) => sub))];
    const states = new Map<string, TokenState>();
    for (let from = 0; from < ids.length; from += TOKEN_STATES_A_READ) {
      const some = await this.users.listTokenStates(ids.slice(from, from + TOKEN_STATES_A_READ));
      some.forEach((state) => states.set(state.id, state));
    }
    return tokens.filter((token) => !counts(states.get(token.sub) ?? null, token));
  }

  /** Returns the account behind a token, as it is. @throws DomainError `AUTH.REQUIRED` when the token counts no more */
  async refresh(claims: TokenClaims): Promise<Account> {
    this.identities.drop(claims.sub);
    return this.identify(claims);
  }

  /**
   * Changes the own password and ends every token issued before. Wrong current passwords count like wrong logins.
   * @throws DomainError `REQUEST.UNACCEPTABLE` naming `current_password` or `new_password`, `AUTH.REQUIRED`, `AUTH.BUSY`
   */
  async changePassword(userId: string, current: string, next: string, context: RequestContext): Promise<Account> {
    const user = await this.users.findById(userId);
    if (user === null) throw endedToken();
    const broken = passwordProblem(next, user.email);
    if (broken !== null) throw unacceptable([{ field: 'new_password', message: broken }]);
    const isRight = await this.hasher.verify(user.passwordHash, current);
    if (!mayLogIn(user, this.clock.now()) || !isRight) {
      await this.refuseChange(user, context);
      throw wrongCurrentPassword();
    }
    if (current === next) {
      throw unacceptable([{ field: 'new_password', message: 'must be another one than the current password' }]);
    }
    const passwordHash = await this.hasher.hash(next);
    const changed = await this.transactions.run(async (transaction) => {
      const now = this.clock.now();
      const stored = await this.users.setPasswordHash(user, passwordHash, { endTokens: true }, now, transaction);
      if (stored === null) return null;
      const note = { action: 'user.password_changed', actor: user, subjectId: user.id, context } as const;
      await this.audit.record(note, transaction);
      return stored;
    });
    this.identities.drop(user.id);
    if (changed === null) throw wrongCurrentPassword();
    return toAccount(changed, this.clock.now());
  }

  /** Returns one page of accounts, the first registered first, and how many there are. An address is compared in its unique form. */
  async listUsers(query: {
    role?: Role;
    status?: UserStatus;
    email?: string;
    page: number;
    pageSize: number;
  }): Promise<{ users: Account[]; total: number }> {
    const { email, ...rest } = query;
    const now = this.clock.now();
    const { users, total } = await this.users.list(
      { ...rest, ...(email === undefined ? {} : { emailKey: normaliseEmail(email) }) },
      now,
    );
    return { users: users.map((user) => toAccount(user, now)), total };
  }

  /**
   * Changes role or status, or unlocks. What is so already is left alone; a change of role and a disabling end all tokens issued before.
   * @throws DomainError `USER.NOT_FOUND`, `USER.LAST_ADMIN`, `USER.OWN_ACCOUNT`
   */
  async updateUser(actor: Actor, id: string, change: UserChange, context: RequestContext): Promise<Account> {
    const changed = await this.transactions.run(async (transaction) => {
      const user = await this.users.findById(id, transaction);
      if (user === null) throw new DomainError('USER.NOT_FOUND', `There is no user ${id}.`);
      const plan = planUserChange(user, change, actor);
      if (plan.losesAdmin) await this.keepAnAdmin(transaction);
      return this.carryOut(user, plan, { actor, context }, transaction);
    });
    this.identities.drop(id);
    return toAccount(changed, this.clock.now());
  }

  private async newUser({ email, password }: Credentials, role: Role): Promise<UserRecord> {
    const fields = [
      { field: 'email', message: emailProblem(email) },
      { field: 'password', message: passwordProblem(password, email) },
    ].flatMap(({ field, message }): FieldProblem[] => (message === null ? [] : [{ field, message }]));
    if (fields.length > 0) throw unacceptable(fields);
    const passwordHash = await this.hasher.hash(password);
    const now = this.clock.now();
    return {
      id: newId(now.getTime()),
      email: email.trim(),
      emailKey: normaliseEmail(email),
      passwordHash,
      role,
      status: 'active',
      failedAttempts: 0,
      lockedUntil: null,
      tokenVersion: 1,
      createdAt: now,
      updatedAt: now,
    };
  }

  private async insert(user: UserRecord, note: Parameters<AuditService['record']>[0]): Promise<boolean> {
    try {
      await this.transactions.run(async (transaction) => {
        if (!(await this.users.insert(user, transaction))) throw new EmailTaken();
        await this.audit.record(note, transaction);
      });
      return true;
    } catch (error) {
      if (error instanceof EmailTaken) return false;
      throw error;
    }
  }

  /** Lets in whoever had the right password; null when the account is closed. */
  private async admit(user: UserRecord, password: string): Promise<UserRecord | null> {
    const now = this.clock.now();
    if (!mayLogIn(user, now)) return null;
    const admitted = await this.users.recordSuccess(user, now);
    if (admitted !== null) return admitted;
    // A login at the same time may have renewed the hash of the same password.
    const current = await this.users.findById(user.id);
    if (current === null || current.passwordHash === user.passwordHash) return null;
    const isRight = await this.hasher.verify(current.passwordHash, password);
    return isRight ? this.users.recordSuccess(current, this.clock.now()) : null;
  }

  /** A right and a wrong password for a closed account take the same way, in the log too; every refusal writes as much. */
  private async refuseLogin(
    email: string,
    user: UserRecord | null,
    isRight: boolean,
    context: RequestContext,
  ): Promise<void> {
    const isClosed = user !== null && (isRight || !mayLogIn(user, this.clock.now()));
    // What was typed for an address may be a password; only what looks like an address is kept.
    const typed = emailProblem(email) === null ? normaliseEmail(email) : null;
    const reason = user === null ? 'unknown_address' : isClosed ? 'closed' : 'wrong_password';
    await Promise.all([
      user === null || isClosed ? this.users.recordNobodysFailure(this.clock.now()) : this.countFailure(user, context),
      this.audit.record({
        action: 'user.login_failed',
        actor: { id: null, email: typed },
        subjectId: user?.id ?? null,
        context,
        detail: { reason },
      }),
    ]);
  }

  private async refuseChange(user: UserRecord, context: RequestContext): Promise<void> {
    await Promise.all([
      mayLogIn(user, this.clock.now()) ? this.countFailure(user, context) : undefined,
      this.audit.record({ action: 'user.password_change_refused', actor: user, subjectId: user.id, context }),
    ]);
  }

  /** Counts a wrong password, and notes it when the account is locked by it. */
  private async countFailure(user: UserRecord, context: RequestContext): Promise<void> {
    const { threshold, durationMinutes } = this.settings.lockout();
    const rule = { threshold, lockMs: durationMinutes * MINUTE_MS };
    const counted = await this.users.recordFailure(user.id, this.clock.now(), rule);
    if (counted?.lockedNow !== true) return;
    this.identities.drop(user.id);
    const detail = { until: counted.user.lockedUntil?.toISOString() ?? null, failures: counted.user.failedAttempts };
    await this.audit.record({ action: 'user.locked', actor: null, subjectId: user.id, context, detail });
  }

  private async renewHash(user: UserRecord, password: string): Promise<void> {
    if (!this.hasher.needsRehash(user.passwordHash)) return;
    const renewed = await this.hasher.hash(password);
    await this.users.rehash(user.id, user.passwordHash, renewed, this.clock.now());
  }

  private async keepAnAdmin(transaction: StoreTransaction): Promise<void> {
    await this.users.serialiseAdminChanges(this.clock.now(), transaction);
    if ((await this.users.countActiveAdmins(transaction)) > 1) return;
    throw new DomainError('USER.LAST_ADMIN', 'This is the last active admin; make somebody else an admin first.');
  }

  private async carryOut(
    user: UserRecord,
    plan: PlannedUserChange,
    { actor, context }: { actor: Actor; context: RequestContext },
    transaction: StoreTransaction,
  ): Promise<UserRecord> {
    const now = this.clock.now();
    const note = { actor, subjectId: user.id, context };
    let stored: UserRecord | null = user;
    if (plan.role !== null || plan.status !== null) {
      const changes = {
        ...(plan.role === null ? {} : { role: plan.role }),
        ...(plan.status === null ? {} : { status: plan.status }),
      };
      stored = await this.users.update(user.id, changes, { endTokens: plan.endTokens }, now, transaction);
    }
    if (plan.role !== null) {
      const detail = { from: user.role, to: plan.role };
      await this.audit.record({ ...note, action: 'user.role_changed', detail }, transaction);
    }
    if (plan.status !== null) {
      const detail = { from: user.status, to: plan.status };
      await this.audit.record({ ...note, action: 'user.status_changed', detail }, transaction);
    }
    if (plan.unlock) {
      stored = await this.users.unlock(user.id, now, transaction);
      await this.audit.record({ ...note, action: 'user.unlocked' }, transaction);
    }
    if (stored === null) throw new Error('a user that was read in this transaction is gone');
    return stored;
  }
}

type TokenState = Pick<UserRecord, 'id' | 'status' | 'tokenVersion'>;

const TOKEN_STATES_A_READ = 500;
const MINUTE_MS = 60_000;

function counts<T extends Pick<TokenState, 'status' | 'tokenVersion'>>(
  user: T | null,
  { ver }: TokenClaims,
): user is T {
  return user !== null && user.status !== 'disabled' && user.tokenVersion === ver;
}

/** Returns the account of a token that counts. */
function accept(user: UserRecord | null, claims: TokenClaims, now: Date): Account {
  if (!counts(user, claims)) throw endedToken();
  return toAccount(user, now);
}

/** Ends the transaction of an insert whose address is taken. */
class EmailTaken extends Error {}

function badCredentials(): DomainError {
  return new DomainError(
    'AUTH.BAD_CREDENTIALS',
    'The email address or the password is wrong, or the account is closed at the moment: several wrong passwords in a row lock it for a while.',
  );
}

function endedToken(): DomainError {
  return new DomainError('AUTH.REQUIRED', 'The access token no longer counts; log in again.');
}

function wrongCurrentPassword(): DomainError {
  return unacceptable([{ field: 'current_password', message: 'is not the password of this account' }]);
}

function unacceptable(fields: readonly FieldProblem[]): DomainError {
  const detail = fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('REQUEST.UNACCEPTABLE', `${detail}.`, { fields });
}
