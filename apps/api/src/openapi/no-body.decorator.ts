import { DomainError } from '@app/domain';
import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';

const RIGHT = 'send no body, or an empty JSON object';

@Injectable()
class NoBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    if (body === undefined || body === null) return true;
    const names = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : ['body'];
    if (names.length === 0) return true;
    const fields = names.slice(0, 20).map((field) => ({ field, message: RIGHT }));
    throw new DomainError('REQUEST.UNACCEPTABLE', `This takes no fields: ${RIGHT}.`, { fields });
  }
}

/** For a route that acts without being told more: refuses a body with anything in it, so that a wish is not passed over in silence. */
export function NoBody(): MethodDecorator {
  return applyDecorators(UseGuards(NoBodyGuard));
}
