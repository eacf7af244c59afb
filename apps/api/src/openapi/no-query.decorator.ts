import { bareQuerySchema } from '@app/contracts';
import { RequestSchemaPipe } from '@app/platform';
import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

@Injectable()
class NoQueryGuard implements CanActivate {
  private readonly pipe = new RequestSchemaPipe();

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { query } = context.switchToHttp().getRequest<{ query: unknown }>();
    await this.pipe.transform(query, { type: 'query', schema: bareQuerySchema });
    return true;
  }
}

/** For a route without parameters of its own: refuses every query parameter but the access token. */
export function NoQuery(): MethodDecorator {
  const { token } = bareQuerySchema.shape;
  const description = token.meta()?.description;
  return applyDecorators(
    UseGuards(NoQueryGuard),
    ApiQuery({
      name: 'token',
      required: false,
      schema: { type: 'string' },
      ...(description === undefined ? {} : { description }),
    }),
  );
}
