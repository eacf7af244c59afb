/** What an account may be, each with what the one before may. */
export const ROLES = ['user', 'premium_user', 'admin'] as const;

export type Role = (typeof ROLES)[number];
