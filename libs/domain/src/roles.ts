/** What an account may do, least first; each role includes those before it. */
export const ROLES = ['user', 'premium_user', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Tells whether a role is the needed one or includes it. */
export function includesRole(have: Role, need: Role): boolean {
  return ROLES.indexOf(have) >= ROLES.indexOf(need);
}

/** Returns a role and every role it includes, least first. */
export function rolesOf(role: Role): Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1);
}
