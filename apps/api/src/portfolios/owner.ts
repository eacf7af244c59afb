import type { Owner } from '@app/trading';
import type { Caller } from '../auth/access-token';

/** The caller as the owner of portfolios. */
export function ownerOf({ id, role }: Caller): Owner {
  return { userId: id, role };
}
