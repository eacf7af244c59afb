import { includesRole, ROLES, rolesOf } from './roles';

describe('roles', () => {
  it.each([
    ['user', ['user']],
    ['premium_user', ['user', 'premium_user']],
    ['admin', ['user', 'premium_user', 'admin']],
  ] as const)('%s includes %j', (role, included) => {
    expect(rolesOf(role)).toEqual(included);
    for (const need of ROLES) expect(includesRole(role, need)).toBe(included.some((one) => one === need));
  });
});
