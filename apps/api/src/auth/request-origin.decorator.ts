import type { RequestContext } from '@app/accounts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Where the request came from: its client's address, believed from trusted proxies only, and the id it has in the log. */
export const CurrentOrigin = createParamDecorator((_: unknown, context: ExecutionContext): RequestContext => {
  const { ip, id } = context.switchToHttp().getRequest<{ ip: string; id: string }>();
  return { address: ip, requestId: id };
});
