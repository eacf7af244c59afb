import { DomainError, normalisePassword } from '@app/domain';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { PasswordHashCost } from '../accounts.options';
import { WorkSlots } from './work-slots';

/** Hashes run in Node's pool of four threads; one is left to name look-ups and files. */
const HASHES_AT_ONCE = Math.min(3, availableParallelism());
/** Beyond these a login would wait for seconds. */
const MAX_WAITING = 128;

/** Argon2id hashes of passwords, so many at a time that a flood of logins leaves the process able to answer others. */
export class PasswordHasher {
  private readonly slots = new WorkSlots(HASHES_AT_ONCE, MAX_WAITING);

  private constructor(
    private readonly cost: PasswordHashCost,
    /** Hash of a password nobody has: checking against it costs what checking a user's does. */
    readonly dummyHash: string,
  ) {}

  static async create(cost: PasswordHashCost): Promise<PasswordHasher> {
    return new PasswordHasher(cost, await hashOf(randomBytes(32).toString('base64'), cost));
  }

  /** @throws DomainError `AUTH.BUSY` */
  async hash(password: string): Promise<string> {
    return this.inTurn(() => hashOf(password, this.cost));
  }

  /** Tells whether a hash is of a password. @throws DomainError `AUTH.BUSY` */
  async verify(passwordHash: string, password: string): Promise<boolean> {
    return this.inTurn(() => verify(passwordHash, normalisePassword(password)));
  }

  /** Tells whether a hash was made with other parameters than a new one would be. */
  needsRehash(passwordHash: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
    const { cost } = this;
    return (
      !passwordHash.startsWith('$argon2id$') ||
      memoryCost !== cost.memoryKib ||
      timeCost !== cost.iterations ||
      parallelism !== cost.parallelism
    );
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = await this.slots.run(work);
    if (done !== null) return done.result;
    throw new DomainError('AUTH.BUSY', 'Too many people are logging in at this moment; try again in a few seconds.');
  }
}

/** Argon2id is the package's own choice of algorithm. */
function hashOf(password: string, cost: PasswordHashCost): Promise<string> {
  return hash(normalisePassword(password), {
    memoryCost: cost.memoryKib,
    timeCost: cost.iterations,
    parallelism: cost.parallelism,
  });
}
