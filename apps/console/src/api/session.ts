import { computed, signal } from '@preact/signals';
import { type Role, ROLES } from './role';

export type { Role };

export interface Session {
  token: string;
  userId: string;
  role: Role;
  /** Unix milliseconds at which the token ends. */
  expiresAtMs: number;
}

const KEY = 'papertrading-pm.session';

const current = signal<Session | null>(read());

/** Who is signed in, in every tab of the browser. */
export const session = computed(() => current.value);
/** Why the session ended by itself; shown when signing in again. */
export const farewell = signal<string | null>(null);

window.addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) current.value = read();
});

export function signIn(next: Session): void {
  localStorage.setItem(KEY, JSON.stringify(next));
  farewell.value = null;
  current.value = next;
}

export function signOut(reason: string | null = null): void {
  localStorage.removeItem(KEY);
  farewell.value = reason;
  current.value = null;
}

function read(): Session | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return isSession(value) && value.expiresAtMs > Date.now() ? value : null;
  } catch {
    return null;
  }
}

function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false;
  const { token, userId, role, expiresAtMs } = value as Partial<Record<keyof Session, unknown>>;
  return (
    typeof token === 'string' &&
    typeof userId === 'string' &&
    ROLES.some((each) => each === role) &&
    typeof expiresAtMs === 'number'
  );
}
