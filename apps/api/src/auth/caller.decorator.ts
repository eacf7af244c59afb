import { createParamDecorator } from '@nestjs/common';
import { callerOf } from './role.guard';

/** The caller of a guarded route. */
export const CurrentCaller = createParamDecorator((_: unknown, context) => callerOf(context));
