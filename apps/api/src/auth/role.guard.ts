import { DomainError } from '@app/domain';
import { type ExecutionContext, Injectable, mixin, type Type } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { type Caller, type Role, ROLES } from './access-token';

/** Lets through callers who have a role, or one that includes it: 401 without a usable token, 403 without the role. */
export function RoleGuard(role: Role): Type<InstanceType<ReturnType<typeof AuthGuard>>> {
  @Injectable()
  class RequiredRoleGuard extends AuthGuard('jwt') {
    override handleRequest<T = Caller>(err: unknown, caller: Caller | false, reason: unknown): T {
      if (err instanceof Error) throw err;
      if (caller === false) throw new DomainError('AUTH.REQUIRED', explain(reason));
      const rank = Math.max(...caller.roles.map((one) => ROLES.indexOf(one)), -1);
      if (rank < ROLES.indexOf(role)) {
        throw new DomainError('AUTH.FORBIDDEN', `This needs the role ${role}, which this account does not have.`);
      }
      return caller as T;
    }
  }
  return mixin(RequiredRoleGuard);
}

function explain(reason: unknown): string {
  const name = reason instanceof Error ? reason.name : '';
  if (name === 'TokenExpiredError') return 'The access token has expired; log in again.';
  const isMissing = reason instanceof Error && reason.message === 'No auth token';
  return isMissing
    ? 'Send an access token: `Authorization: Bearer TOKEN`, or ?token=TOKEN.'
    : 'The access token is not valid; log in again.';
}

/** The caller a guard let through. */
export function callerOf(context: ExecutionContext): Caller {
  return context.switchToHttp().getRequest<{ user: Caller }>().user;
}
