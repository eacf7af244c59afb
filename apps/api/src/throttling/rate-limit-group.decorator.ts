import type { RateLimitGroup as Group } from '@app/domain';
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** Under which a route says with which group its requests are counted. */
export const RATE_LIMIT_GROUP = 'rate_limit_group';

/** The group in the OpenAPI document: `x-rate-limit-group`. */
export const RATE_LIMIT_GROUP_EXTENSION = 'x-rate-limit-group';

/** The group of a route that does not name one. */
export const DEFAULT_GROUP: Group = 'api';

/** The group of a route whose requests are not counted. */
export const UNLIMITED = 'none';

/** Counts a route's requests, or those of all routes of a controller, with a group of their own instead of `api`. */
export function RateLimitGroup(group: Group): MethodDecorator & ClassDecorator {
  return inGroup(group);
}

/** For a route that is never refused for being asked too often: probes and scrapers, which come from one address at a steady pace. */
export function Unlimited(): MethodDecorator & ClassDecorator {
  return inGroup(UNLIMITED);
}

function inGroup(group: Group | typeof UNLIMITED): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(RATE_LIMIT_GROUP, group), ApiExtension(RATE_LIMIT_GROUP_EXTENSION, group));
}
