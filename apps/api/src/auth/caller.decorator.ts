import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from './access-token';
import type { Authentication } from './request-authenticator';

/** The caller of a guarded route. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { authentication } = context.switchToHttp().getRequest<{ authentication?: Authentication }>();
  if (authentication !== undefined && 'caller' in authentication) return authentication.caller;
  throw new Error('a route without @Roles has no caller');
});
