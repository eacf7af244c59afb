import type { JSX } from 'preact';
import { ROLE_NAMES, ROLES } from './roles';

/** Every role, to be chosen from. */
export function RoleOptions(): JSX.Element {
  return (
    <>
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {ROLE_NAMES[role]}
        </option>
      ))}
    </>
  );
}
