import {
  type CancelAllQuery,
  cancelAllQuerySchema,
  type CancelledOrdersBody,
  cancelledOrdersSchema,
  fromOrderRequest,
  type OrderBody,
  type OrderExplanationBody,
  orderExplanationSchema,
  orderIdPathSchema,
  type OrderListBody,
  type OrderListQuery,
  orderListQuerySchema,
  orderListSchema,
  type OrderPreviewBody,
  orderPreviewSchema,
  type OrderRequestBody,
  orderRequestSchema,
  orderSchema,
  portfolioIdPathSchema,
  toCancelledOrders,
  toOrder,
  toOrderExplanation,
  toOrderList,
  toOrderPreview,
} from '@app/contracts';
import { type KeyedRequest, OrdersService } from '@app/trading';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
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
import { toCancelAllQuery, toOrderQuery } from './orders.mapper';
import { ownerOf } from './owner';
import { CHANGES, NAMED_MARKET, NEW_ORDER, OWN_PORTFOLIO, PREVIEWED_ORDER, refusals } from './portfolio-problems';

@ApiTags('orders')
@Roles('user')
@Controller('portfolios/:id/orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Place an order',
    description:
      "It travels as long as the portfolio's latency says and then meets the real order book: it fills from displayed size only, rests, or ends. The answer comes after that. An order the rules accept but the book has nothing for is answered 201 too, with `status` and `reject_reason`.",
  })
  @ApiCreatedResponse({
    description: 'The order as it stands.',
    standardSchema: orderSchema,
    headers: REPLAYED_HEADER_DOC,
  })
  @ApiProblems(...NEW_ORDER, ...refusals('ORDER.DUPLICATE_CLIENT_ID', 'ORDER.POST_ONLY_CROSSES', 'ORDER.BAD_EXPIRY'))
  async place(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: orderRequestSchema }) body: OrderRequestBody,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<OrderBody> {
    const placed = await this.orders.place(ownerOf(caller), id, fromOrderRequest(body), keyed);
    markReplayed(reply, placed);
    return toOrder(placed);
  }

  @Post('preview')
  @HttpCode(200)
  @NoQuery()
  @ApiOperation({
    summary: 'What an order would do now',
    description:
      "Takes the body of an order and answers what placing it would do if it met the book as it is now: by the same rules, with nothing written. It is before latency: the time an order travels, the market's taker delay and what others do meanwhile are left out, so that the order itself may fill at other prices, or not. An order that would be refused is answered 200, with the refusal as placing it would give it. What cannot be looked at is a problem: an unknown portfolio, market or outcome, a body that is not well-formed, a book that cannot be read. Whether a `client_order_id` is taken is not looked up.",
  })
  @ApiOkResponse({ description: 'What it would do, or why it would be refused.', standardSchema: orderPreviewSchema })
  @ApiProblems(...PREVIEWED_ORDER)
  async preview(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: orderRequestSchema }) body: OrderRequestBody,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderPreviewBody> {
    return toOrderPreview(await this.orders.preview(ownerOf(caller), id, fromOrderRequest(body)));
  }

  @Get()
  @ApiOperation({
    summary: 'List orders',
    description: 'Those of one run, the current one when none is named. Filters combine.',
  })
  @ApiOkResponse({ description: 'One page, newest first.', standardSchema: orderListSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...NAMED_MARKET)
  async list(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: orderListQuerySchema }) query: OrderListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderListBody> {
    const { orders, total } = await this.orders.list(ownerOf(caller), id, toOrderQuery(query));
    return toOrderList(orders, total, query.page, query.page_size);
  }

  @Delete()
  @ApiOperation({
    summary: 'Cancel all orders that work',
    description: 'Or those of one market. An order the taker delay of its market holds is not cancelled.',
  })
  @ApiOkResponse({ description: 'What was cancelled, and what was not.', standardSchema: cancelledOrdersSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...refusals('MARKET.NOT_FOUND'), ...CHANGES)
  async cancelAll(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: cancelAllQuerySchema }) query: CancelAllQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<CancelledOrdersBody> {
    return toCancelledOrders(await this.orders.cancelAll(ownerOf(caller), id, toCancelAllQuery(query)));
  }

  @Get(':order_id')
  @NoQuery()
  @ApiOperation({ summary: 'One order with its fills' })
  @ApiOkResponse({ description: 'The order.', standardSchema: orderSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...refusals('ORDER.NOT_FOUND'))
  async get(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Param('order_id', { schema: orderIdPathSchema }) orderId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderBody> {
    return toOrder(await this.orders.get(ownerOf(caller), id, orderId));
  }

  @Get(':order_id/explain')
  @NoQuery()
  @ApiOperation({
    summary: 'Why an order filled, what it waits for, or why it ended',
    description: 'In a sentence and in data: by which rule and on what evidence each fill happened.',
  })
  @ApiOkResponse({ description: 'The explanation.', standardSchema: orderExplanationSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...refusals('ORDER.NOT_FOUND'))
  async explain(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Param('order_id', { schema: orderIdPathSchema }) orderId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderExplanationBody> {
    return toOrderExplanation(await this.orders.explain(ownerOf(caller), id, orderId));
  }

  @Delete(':order_id')
  @NoQuery()
  @ApiOperation({
    summary: 'Cancel an order',
    description: "The cancel travels as long as the portfolio's latency says; what fills until then stands.",
  })
  @ApiOkResponse({ description: 'The order after it.', standardSchema: orderSchema })
  @ApiProblems(...OWN_PORTFOLIO, ...refusals('ORDER.NOT_FOUND', 'ORDER.NOT_CANCELLABLE'), ...CHANGES)
  async cancel(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Param('order_id', { schema: orderIdPathSchema }) orderId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderBody> {
    return toOrder(await this.orders.cancel(ownerOf(caller), id, orderId));
  }
}
