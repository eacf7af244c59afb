import { DomainError, ROLES, USER_STATUSES } from '@app/domain';
import type { UserRecord } from '@app/persistence';
import fc from 'fast-check';
import { planUserChange, type UserChange } from './user-change';

const aUser = (overrides: Partial<UserRecord> = {}): UserRecord => ({
  id: 'u1',
  email: 'ann@example.com',
  emailKey: 'ann@example.com',
  passwordHash: 'hash',
  role: 'user',
  status: 'active',
  failedAttempts: 0,
  lockedUntil: null,
  tokenVersion: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...overrides,
});
const ROOT = { id: 'root', email: 'root@example.com' };
const NOTHING = { role: null, status: null, unlock: false, endTokens: false, losesAdmin: false };

describe('the plan of a change', () => {
  it.each<[string, Partial<UserRecord>, UserChange, Partial<ReturnType<typeof planUserChange>>]>([
    ['the same role', {}, { role: 'user' }, {}],
    ['another role', {}, { role: 'admin' }, { role: 'admin', endTokens: true }],
    ['demoting an admin', { role: 'admin' }, { role: 'user' }, { role: 'user', endTokens: true, losesAdmin: true }],
    ['disabling', {}, { status: 'disabled' }, { status: 'disabled', endTokens: true }],
    ['disabling again', { status: 'disabled' }, { status: 'disabled' }, {}],
    [
      'demoting a disabled admin',
      { role: 'admin', status: 'disabled' },
      { role: 'user' },
      { role: 'user', endTokens: true },
    ],
    ['enabling', { status: 'disabled' }, { status: 'active' }, { status: 'active' }],
    ['unlocking', { status: 'locked' }, { unlock: true }, { unlock: true }],
    ['making a locked one active', { status: 'locked' }, { status: 'active' }, { unlock: true }],
    ['unlocking one who failed', { failedAttempts: 3 }, { unlock: true }, { unlock: true }],
    ['unlocking one who is disabled', { status: 'disabled', failedAttempts: 3 }, { unlock: true }, {}],
    ['unlock: false', { status: 'locked' }, { unlock: false }, {}],
  ])('of %s', (_what, user, change, expected) => {
    expect(planUserChange(aUser(user), change, ROOT)).toEqual({ ...NOTHING, ...expected });
  });

  it('refuses that somebody disables the own account', () => {
    expect(() => planUserChange(aUser(), { status: 'disabled' }, { id: 'u1', email: null })).toThrow(DomainError);
  });

  it('ends tokens whenever there is one admin fewer', () => {
    const change = fc.record(
      { role: fc.constantFrom(...ROLES), status: fc.constantFrom('active', 'disabled'), unlock: fc.boolean() },
      { requiredKeys: [] },
    ) as fc.Arbitrary<UserChange>;
    const user = fc.record({
      role: fc.constantFrom(...ROLES),
      status: fc.constantFrom(...USER_STATUSES),
      failedAttempts: fc.nat(12),
    });
    fc.assert(
      fc.property(user, change, (who, what) => {
        const plan = planUserChange(aUser(who), what, ROOT);
        if (plan.losesAdmin) expect(plan.endTokens).toBe(true);
        if (who.status === 'disabled' && what.status !== 'active') expect(plan.status).toBeNull();
        expect(plan.unlock && plan.status !== null).toBe(false);
      }),
    );
  });
});
