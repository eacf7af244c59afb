import {
  type FilledTradeBody,
  filledTradeSchema,
  fromTradeRequest,
  portfolioIdPathSchema,
  toFilledTrade,
  toTradeList,
  TRADE_CSV_EXAMPLE,
  type TradeListBody,
  type TradeListQuery,
  tradeListQuerySchema,
  tradeListSchema,
  type TradeRequestBody,
  tradeRequestSchema,
} from '@app/contracts';
import { type KeyedRequest, OrdersService } from '@app/trading';
import { Body, Controller, Get, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { AlsoAsCsv } from '../openapi/csv-answers';
import { NoQuery } from '../openapi/no-query.decorator';
import {
  type HeaderReply,
  IdempotencyKey,
  markReplayed,
  REPLAYED_HEADER_DOC,
  TakesIdempotencyKey,
} from './keyed-request';
import { toTradeQuery } from './orders.mapper';
import { ownerOf } from './owner';
import { NEW_ORDER, OWN_PORTFOLIO, refusals } from './portfolio-problems';
import { tradeExport } from './trade-export';

@ApiTags('trades')
@Roles('user')
@Controller('portfolios/:id/trades')
export class TradesController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Trade a quantity at once',
    description:
      'A fill-or-kill order against the real order book. `price` is the worst price accepted, never the price of the trade. What cannot fill as a whole is a 409 that says what the book offered, and nothing is traded.',
  })
  @ApiCreatedResponse({ description: 'Traded.', standardSchema: filledTradeSchema, headers: REPLAYED_HEADER_DOC })
  @ApiProblems(...NEW_ORDER, ...refusals('ORDER.NOT_FILLED'))
  async trade(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: tradeRequestSchema }) body: TradeRequestBody,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<FilledTradeBody> {
    const traded = await this.orders.trade(ownerOf(caller), id, fromTradeRequest(body), keyed);
    markReplayed(reply, traded);
    return toFilledTrade(traded.trades);
  }

  @Get()
  @ApiOperation({
    summary: 'List trades, or export them',
    description:
      'Those of one run, the current one when none is named. As CSV (RFC 4180): all that match, streamed, with the fields of a trade as columns; text that a spreadsheet would take for a formula begins with an apostrophe.',
  })
  @ApiOkResponse({ description: 'One page, newest first; or the export.', standardSchema: tradeListSchema })
  @AlsoAsCsv(TRADE_CSV_EXAMPLE)
  @ApiProblems(...OWN_PORTFOLIO, ...refusals('EXPORT.NOT_ALLOWED'))
  async list(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: tradeListQuerySchema }) query: TradeListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<TradeListBody | StreamableFile> {
    const owner = ownerOf(caller);
    const asked = toTradeQuery(query);
    if (query.format === 'csv') return tradeExport(await this.orders.exportTrades(owner, id, asked), id);
    const { trades, total } = await this.orders.trades(owner, id, asked);
    return toTradeList(trades, total, query.page, query.page_size);
  }
}
