import {
  portfolioIdPathSchema,
  type PositionBody,
  type PositionListQuery,
  positionListQuerySchema,
  positionSchema,
  toPosition,
} from '@app/contracts';
import { PortfoliosService, ValuationService } from '@app/trading';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { ownerOf } from './owner';
import { CHANGES, OWN_PORTFOLIO } from './portfolio-problems';

@ApiTags('portfolios')
@Roles('user')
@Controller('portfolios/:id/positions')
export class PositionsController {
  constructor(
    private readonly portfolios: PortfoliosService,
    private readonly valuation: ValuationService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Positions of the current run',
    description: 'Open, closed and settled. Open ones are marked at the midpoint of their order books.',
  })
  @ApiOkResponse({ description: 'The positions.', standardSchema: positionSchema, isArray: true })
  @ApiProblems(...OWN_PORTFOLIO, ...CHANGES)
  async list(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: positionListQuerySchema }) query: PositionListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<PositionBody[]> {
    const { portfolio, positions } = await this.portfolios.account(ownerOf(caller), id);
    const wanted = [...positions.values()].filter(
      ({ status }) => query.status === undefined || status === query.status,
    );
    const valued = await this.valuation.value(portfolio, wanted);
    return valued.positions.map(toPosition);
  }
}
