import { DomainError, includesRole, type Role } from '@app/domain';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RequestAuthenticator } from './request-authenticator';

/** Under which a route says which roles may use it. */
export const ALLOWED_ROLES = 'allowed_roles';

/** Lets through callers who have one of the route's roles, or one that includes it: 401 without a usable token, 403 without the role. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: RequestAuthenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowed = this.reflector.getAllAndOverride<readonly Role[]>(ALLOWED_ROLES, [
      context.getHandler(),
      context.getClass(),
    ]);
    const authentication = await this.authenticator.authenticate(context);
    if ('refusal' in authentication) throw authentication.refusal;
    const { role } = authentication.caller;
    if (allowed.some((need) => includesRole(role, need))) return true;
    throw new DomainError(
      'AUTH.FORBIDDEN',
      `This needs the role ${allowed.join(' or ')}, which this account does not have.`,
    );
  }
}
