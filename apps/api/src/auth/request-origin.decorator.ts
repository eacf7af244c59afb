import type { RequestContext } from '@app/accounts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type AddressedRequest, writtenAddressOf } from '../throttling/client-address';

/** Where the request came from: its client's address, believed from trusted proxies only, and the id it has in the log. */
export const CurrentOrigin = createParamDecorator((_: unknown, context: ExecutionContext): RequestContext => {
  const request = context.switchToHttp().getRequest<AddressedRequest & { id: string }>();
  return { address: writtenAddressOf(request), requestId: request.id };
});
