import { AuditService, type RequestContext } from '@app/accounts';
import {
  jobIdPathSchema,
  type MarketRefreshAcceptedBody,
  marketRefreshAcceptedSchema,
  type MarketRefreshJobBody,
  marketRefreshJobSchema,
  type MarketRefreshListBody,
  type MarketRefreshListQuery,
  marketRefreshListQuerySchema,
  marketRefreshListSchema,
  marketRefreshPath,
  type MarketRefreshQuery,
  marketRefreshQuerySchema,
  toMarketRefreshJob,
  toMarketRefreshList,
} from '@app/contracts';
import { MarketRefreshService } from '@app/markets';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { CurrentOrigin } from '../auth/request-origin.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { toRefreshJobSource, toRefreshNote, toRefreshRequest } from './markets.mapper';

@ApiTags('market refresh')
@Roles('admin')
@Controller('markets/admin/refresh')
export class MarketRefreshController {
  constructor(
    private readonly refreshes: MarketRefreshService,
    private readonly audit: AuditService,
  ) {}

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
    @CurrentOrigin() origin: RequestContext,
  ): Promise<MarketRefreshAcceptedBody> {
    const job = await this.refreshes.request(toRefreshRequest(query, caller.id), (queued, transaction) =>
      this.audit.record(toRefreshNote(queued, caller, origin), transaction),
    );
    return { job_id: job.id, status_url: marketRefreshPath(job.id) };
  }

  @Get()
  @ApiOperation({
    summary: 'List refreshes',
    description:
      'Those asked for here; a finished one is kept for 90 days. The passes a sync worker makes by the clock are in `GET /markets/stats`.',
  })
  @ApiOkResponse({ description: 'One page, the latest asked for first.', standardSchema: marketRefreshListSchema })
  @ApiProblems(401, 403, 422, 503)
  async list(
    @Query({ schema: marketRefreshListQuerySchema }) query: MarketRefreshListQuery,
  ): Promise<MarketRefreshListBody> {
    const { jobs, total } = await this.refreshes.list({ page: query.page, pageSize: query.page_size });
    return toMarketRefreshList(jobs.map(toRefreshJobSource), total, query.page, query.page_size);
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
