import {
  fromPortfolioChange,
  fromPortfolioRequest,
  type PortfolioBody,
  type PortfolioChangeRequest,
  portfolioChangeRequestSchema,
  type PortfolioDetailBody,
  portfolioDetailSchema,
  portfolioIdPathSchema,
  type PortfolioRequest,
  portfolioRequestSchema,
  portfolioSchema,
  toPortfolio,
  toPortfolioDetail,
} from '@app/contracts';
import { type KeyedRequest, PortfoliosService, ValuationService } from '@app/trading';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoBody } from '../openapi/no-body.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import {
  type HeaderReply,
  IdempotencyKey,
  markReplayed,
  REPLAYED_HEADER_DOC,
  TakesIdempotencyKey,
} from './keyed-request';
import { ownerOf } from './owner';
import { BODY, CHANGES, KEYED, OWN_PORTFOLIO, refusals } from './portfolio-problems';

@ApiTags('portfolios')
@Roles('user')
@Controller('portfolios')
export class PortfoliosController {
  constructor(
    private readonly portfolios: PortfoliosService,
    private readonly valuation: ValuationService,
  ) {}

  @Get()
  @NoQuery()
  @ApiOperation({ summary: 'Your portfolios', description: 'The oldest first; deleted ones are left out.' })
  @ApiOkResponse({ description: 'The portfolios.', standardSchema: portfolioSchema, isArray: true })
  @ApiProblems(401, 403, 422, ...refusals('STORE.UNAVAILABLE'))
  async list(@CurrentCaller() caller: Caller): Promise<PortfolioBody[]> {
    return (await this.portfolios.list(ownerOf(caller))).map(toPortfolio);
  }

  @Post()
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Open a portfolio',
    description: 'It begins with its initial balance in cash. How many an account may have depends on its role.',
  })
  @ApiCreatedResponse({ description: 'Opened.', standardSchema: portfolioSchema, headers: REPLAYED_HEADER_DOC })
  @ApiProblems(...BODY, 401, 403, ...refusals('PORTFOLIO.LIMIT'), ...KEYED, 422, ...refusals('STORE.UNAVAILABLE'))
  async open(
    @Body({ schema: portfolioRequestSchema }) body: PortfolioRequest,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<PortfolioBody> {
    const opened = await this.portfolios.create(ownerOf(caller), fromPortfolioRequest(body), keyed);
    markReplayed(reply, opened);
    return toPortfolio(opened.portfolio);
  }

  @Get(':id')
  @NoQuery()
  @ApiOperation({
    summary: 'One portfolio, its positions and what it is worth',
    description:
      'Positions are marked at the midpoint of their order books; one without a price is left out of the totals and counted.',
  })
  @ApiOkResponse({ description: 'The portfolio.', standardSchema: portfolioDetailSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...CHANGES)
  async get(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @CurrentCaller() caller: Caller,
  ): Promise<PortfolioDetailBody> {
    const { portfolio, positions } = await this.portfolios.account(ownerOf(caller), id);
    return toPortfolioDetail(portfolio, await this.valuation.value(portfolio, positions.values()));
  }

  @Patch(':id')
  @NoQuery()
  @ApiOperation({
    summary: 'Rename a portfolio, or switch it off and on',
    description: 'A portfolio that is switched off takes no new orders; orders that rest go on, and can be cancelled.',
  })
  @ApiOkResponse({ description: 'The portfolio after it.', standardSchema: portfolioSchema })
  @ApiProblems(...BODY, ...OWN_PORTFOLIO, ...CHANGES)
  async change(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: portfolioChangeRequestSchema }) body: PortfolioChangeRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<PortfolioBody> {
    return toPortfolio(await this.portfolios.update(ownerOf(caller), id, fromPortfolioChange(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @NoQuery()
  @ApiOperation({
    summary: 'Delete a portfolio',
    description: 'Its orders are cancelled and it is no longer shown; its ledger is kept. There is no way back.',
  })
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(...OWN_PORTFOLIO, ...CHANGES)
  async delete(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.portfolios.archive(ownerOf(caller), id);
  }

  @Post(':id/reset')
  @HttpCode(200)
  @NoQuery()
  @NoBody()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Begin again with the initial balance',
    description:
      'Orders are cancelled, the run ends, and the next begins. The history of earlier runs stays: their entries in the ledger, their orders and trades by `run`, their metrics by `as_of`.',
  })
  @ApiOkResponse({
    description: 'The portfolio after it.',
    standardSchema: portfolioSchema,
    headers: REPLAYED_HEADER_DOC,
  })
  @ApiProblems(...BODY, ...OWN_PORTFOLIO, ...KEYED, ...CHANGES)
  async reset(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<PortfolioBody> {
    const begun = await this.portfolios.reset(ownerOf(caller), id, keyed);
    markReplayed(reply, begun);
    return toPortfolio(begun.portfolio);
  }
}
