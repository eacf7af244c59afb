import {
  type MarkToMarketBody,
  type MarkToMarketQuery,
  markToMarketQuerySchema,
  markToMarketSchema,
  type MetricsBody,
  type MetricsQuery,
  metricsQuerySchema,
  metricsSchema,
  portfolioIdPathSchema,
  toMarkToMarket,
  toMetrics,
} from '@app/contracts';
import { PerformanceService } from '@app/trading';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { ownerOf } from './owner';
import { OWN_PORTFOLIO } from './portfolio-problems';

@ApiTags('performance')
@Roles('user')
@Controller('portfolios/:id')
export class PerformanceController {
  constructor(private readonly performance: PerformanceService) {}

  @Get('metrics')
  @ApiOperation({
    summary: 'How a portfolio has done',
    description:
      'Returns, risk, statistics of closed lots, costs and how good its forecasts were, over one run. A metric that is undefined is null, and `reasons` says why.',
  })
  @ApiOkResponse({ description: 'The metrics.', standardSchema: metricsSchema })
  @ApiProblems(...OWN_PORTFOLIO)
  async readMetrics(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: metricsQuerySchema }) query: MetricsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<MetricsBody> {
    return toMetrics(await this.performance.metrics(ownerOf(caller), id, { asOf: query.as_of ?? null }));
  }

  @Get('mtm')
  @ApiOperation({
    summary: 'A portfolio marked to market over time',
    description: 'The current run and each of its positions, at the resolution asked for.',
  })
  @ApiOkResponse({ description: 'The series.', standardSchema: markToMarketSchema })
  @ApiProblems(...OWN_PORTFOLIO)
  async readMarkToMarket(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: markToMarketQuerySchema }) query: MarkToMarketQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<MarkToMarketBody> {
    const report = await this.performance.mtm(ownerOf(caller), id, { resolutionMinutes: query.resolution });
    return toMarkToMarket(report);
  }
}
