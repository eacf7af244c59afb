import { RateLimitPolicies, type RequestContext } from '@app/accounts';
import {
  fromRateLimits,
  type RateLimitsBody,
  type RateLimitsRequest,
  rateLimitsRequestSchema,
  rateLimitsSchema,
  toRateLimits,
} from '@app/contracts';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { CurrentOrigin } from '../auth/request-origin.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';

@ApiTags('admin')
@Roles('admin')
@Controller('admin/rate-limits')
export class RateLimitsController {
  constructor(private readonly policies: RateLimitPolicies) {}

  @Get()
  @NoQuery()
  @ApiOperation({ summary: 'How often callers may ask' })
  @ApiOkResponse({ description: 'Every rate limit.', standardSchema: rateLimitsSchema })
  @ApiProblems(401, 403, 422, 503)
  read(): RateLimitsBody {
    return toRateLimits(this.policies.list());
  }

  @Put()
  @NoQuery()
  @ApiOperation({
    summary: 'Set how often callers may ask',
    description: 'What is not named stays. Every server follows within five seconds.',
  })
  @ApiOkResponse({ description: 'Every rate limit after it.', standardSchema: rateLimitsSchema })
  @ApiProblems(400, 401, 403, 413, 415, 422, 503)
  async change(
    @Body({ schema: rateLimitsRequestSchema }) body: RateLimitsRequest,
    @CurrentCaller() caller: Caller,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<RateLimitsBody> {
    return toRateLimits(await this.policies.update(caller, fromRateLimits(body), origin));
  }
}
