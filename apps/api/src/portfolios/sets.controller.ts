import {
  type CompleteSetsRequest,
  completeSetsRequestSchema,
  fromCompleteSets,
  portfolioIdPathSchema,
  type SetsChangedBody,
  setsChangedSchema,
  toSetsChanged,
} from '@app/contracts';
import { type KeyedRequest, PortfoliosService } from '@app/trading';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import {
  type HeaderReply,
  IdempotencyKey,
  markReplayed,
  REPLAYED_HEADER_DOC,
  TakesIdempotencyKey,
} from './keyed-request';
import { ownerOf } from './owner';
import { BODY, CHANGES, KEYED, NAMED_MARKET, OWN_PORTFOLIO, refusals } from './portfolio-problems';

const SETS = [
  ...BODY,
  ...OWN_PORTFOLIO,
  ...NAMED_MARKET,
  ...refusals('PORTFOLIO.INACTIVE', 'MARKET.NOT_TRADABLE'),
  ...KEYED,
  ...CHANGES,
];

@ApiTags('portfolios')
@Roles('user')
@Controller('portfolios/:id')
export class SetsController {
  constructor(private readonly portfolios: PortfoliosService) {}

  @Post('split')
  @HttpCode(200)
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Make complete sets of shares out of cash',
    description: '1 USDC becomes one share of every outcome, free of fee.',
  })
  @ApiOkResponse({ description: 'Split.', standardSchema: setsChangedSchema, headers: REPLAYED_HEADER_DOC })
  @ApiProblems(...SETS, ...refusals('ORDER.INSUFFICIENT_CASH'))
  async split(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: completeSetsRequestSchema }) body: CompleteSetsRequest,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<SetsChangedBody> {
    const changed = await this.portfolios.split(ownerOf(caller), id, fromCompleteSets(body), keyed);
    markReplayed(reply, changed);
    return toSetsChanged(changed.portfolio, changed.positions);
  }

  @Post('merge')
  @HttpCode(200)
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Make cash out of complete sets of shares',
    description:
      'One share of every outcome becomes 1 USDC, free of fee. Shares held for open sales cannot be merged. Possible until the market is settled, whether it takes orders or not.',
  })
  @ApiOkResponse({ description: 'Merged.', standardSchema: setsChangedSchema, headers: REPLAYED_HEADER_DOC })
  @ApiProblems(...SETS, ...refusals('ORDER.INSUFFICIENT_SHARES'))
  async merge(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: completeSetsRequestSchema }) body: CompleteSetsRequest,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<SetsChangedBody> {
    const changed = await this.portfolios.merge(ownerOf(caller), id, fromCompleteSets(body), keyed);
    markReplayed(reply, changed);
    return toSetsChanged(changed.portfolio, changed.positions);
  }
}
