import { DomainError } from '@app/domain';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { AuthGuard } from '@nestjs/passport';
import type { IncomingMessage } from 'node:http';
import type { Caller } from './access-token';
import { extractToken } from './jwt.strategy';

/** Who a request comes from, or why that cannot be said. */
export type Authentication = { readonly caller: Caller } | { readonly refusal: Error };

interface IncomingRequest {
  authentication?: Authentication;
}

const PROPERTY = 'authentication';

/** Puts the refusal together when a route asks for it: most requests without a token go where none is needed. */
const WITHOUT_TOKEN: Authentication = {
  get refusal(): Error {
    return new DomainError('AUTH.REQUIRED', 'Send an access token: `Authorization: Bearer TOKEN`, or ?token=TOKEN.');
  },
};

/** Finds out who makes a request, once for each: whichever guard asks first, the others hear the same. Never refuses by itself. */
@Injectable()
export class RequestAuthenticator extends AuthGuard('jwt') {
  async authenticate(context: ExecutionContext): Promise<Authentication> {
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    if (request.authentication === undefined) {
      const hasToken = (extractToken(request) ?? '') !== '';
      if (hasToken) await super.canActivate(context);
    }
    return (request.authentication ??= WITHOUT_TOKEN);
  }

  /** As {@link authenticate}, of a request that becomes a connection and never meets a guard. */
  authenticateUpgrade(request: IncomingMessage): Promise<Authentication> {
    return this.authenticate(new ExecutionContextHost([request, {}]));
  }

  override getAuthenticateOptions(): { session: boolean; property: string } {
    return { session: false, property: PROPERTY };
  }

  override handleRequest<T = Authentication>(err: unknown, caller: Caller | false, reason: unknown): T {
    return outcome(err, caller, reason) as T;
  }
}

function outcome(err: unknown, caller: Caller | false | null, reason: unknown): Authentication {
  if (err instanceof Error) return { refusal: err };
  return caller ? { caller } : { refusal: new DomainError('AUTH.REQUIRED', explain(reason)) };
}

function explain(reason: unknown): string {
  const isExpired = reason instanceof Error && reason.name === 'TokenExpiredError';
  return isExpired ? 'The access token has expired; log in again.' : 'The access token is not valid; log in again.';
}
