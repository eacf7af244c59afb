import {
  jobIdPathSchema,
  type MarketRefreshAcceptedBody,
  marketRefreshAcceptedSchema,
  type MarketRefreshJobBody,
  marketRefreshJobSchema,
  marketRefreshPath,
  type MarketRefreshQuery,
  marketRefreshQuerySchema,
  toMarketRefreshJob,
} from '@app/contracts';
import { MarketRefreshService } from '@app/markets';
import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { RoleGuard } from '../auth/role.guard';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { toRefreshJobSource } from './markets.mapper';

@ApiTags('market refresh')
@ApiBearerAuth('bearer')
@ApiSecurity('token')
@UseGuards(RoleGuard('admin'))
@Controller('markets/admin/refresh')
export class MarketRefreshController {
  constructor(private readonly refreshes: MarketRefreshService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Refresh the stored markets from Polymarket',
    description: 'Queued and done by a sync worker. One of each mode at a time.',
  })
  @ApiResponse({ status: 202, description: 'Accepted.', standardSchema: marketRefreshAcceptedSchema })
  @ApiProblems(401, 403, 409, 422, 503)
  async request(
    @Query({ schema: marketRefreshQuerySchema }) query: MarketRefreshQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<MarketRefreshAcceptedBody> {
    const job = await this.refreshes.request({
      kind: query.mode,
      activeOnly: query.active_only,
      limit: query.limit ?? null,
      requestedBy: caller.id,
    });
    return { job_id: job.id, status_url: marketRefreshPath(job.id) };
  }

  @Get(':job_id')
  @NoQuery()
  @ApiOperation({ summary: 'State and progress of a refresh' })
  @ApiOkResponse({ description: 'The job.', standardSchema: marketRefreshJobSchema })
  @ApiProblems(401, 403, 404, 422, 503)
  async get(@Param('job_id', { schema: jobIdPathSchema }) jobId: string): Promise<MarketRefreshJobBody> {
    return toMarketRefreshJob(toRefreshJobSource(await this.refreshes.get(jobId)));
  }
}
