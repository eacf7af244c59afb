import { changesOfUser, describeChanges } from './user-changes';

const ann = { role: 'user', status: 'active' } as const;
const same = { role: 'user', isDisabled: false, isUnlocked: false } as const;

describe('changes of an account', () => {
  it('are what differs, and nothing when nothing does', () => {
    expect(changesOfUser(ann, same)).toBeNull();
    expect(changesOfUser(ann, { ...same, role: 'premium_user' })).toEqual({ role: 'premium_user' });
    expect(changesOfUser(ann, { ...same, isDisabled: true })).toEqual({ status: 'disabled' });
    expect(changesOfUser({ ...ann, status: 'disabled' }, same)).toEqual({ status: 'active' });
  });

  it('leave a lock alone until it is opened', () => {
    const locked = { ...ann, status: 'locked' } as const;
    expect(changesOfUser(locked, same)).toBeNull();
    expect(changesOfUser(locked, { role: 'admin', isDisabled: true, isUnlocked: true })).toEqual({
      role: 'admin',
      status: 'disabled',
      unlock: true,
    });
  });

  it('tell whose sessions they end', () => {
    expect(describeChanges(null, false)).toContain('Nothing');
    expect(describeChanges({ unlock: true }, false)).toContain('stays so');
    expect(describeChanges({ status: 'active' }, false)).toContain('stays so');
    expect(describeChanges({ role: 'admin' }, false)).toContain('ends every session');
    expect(describeChanges({ status: 'disabled' }, false)).toContain('ends every session');
    expect(describeChanges({ role: 'user' }, true)).toContain('your own account');
  });
});
