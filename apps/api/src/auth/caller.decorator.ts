import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from './access-token';
import type { Authentication } from './request-authenticator';

interface AuthenticatedRequest {
  authentication?: Authentication;
}

/** The caller of a guarded route. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { authentication } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (authentication !== undefined && 'caller' in authentication) return authentication.caller;
  throw new Error('a route without @Roles has no caller');
});

/** The caller of a route for everybody; null without a token that is good. */
export const OptionalCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller | null => {
  const { authentication } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  return authentication !== undefined && 'caller' in authentication ? authentication.caller : null;
});
