import {
  type BatchedOrderBody,
  batchedOrdersSchema,
  fromOrderRequest,
  type OrderBatchRequest,
  orderBatchRequestSchema,
  type OrderRequestBody,
  portfolioIdPathSchema,
  toBatchedOrder,
  toRefusedOrder,
} from '@app/contracts';
import { DomainError } from '@app/domain';
import { type KeyedRequest, OrdersService, type Owner, PortfoliosService } from '@app/trading';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { IdempotencyKey, keyedPart, TakesIdempotencyKey } from './keyed-request';
import { ownerOf } from './owner';
import { BODY, OWN_PORTFOLIO } from './portfolio-problems';

@ApiTags('orders')
@Roles('user')
@Controller('portfolios/:id/orders/batch')
export class OrderBatchController {
  constructor(
    private readonly portfolios: PortfoliosService,
    private readonly orders: OrdersService,
  ) {}

  @Post()
  @HttpCode(200)
  @NoQuery()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Place several orders at once',
    description:
      'Side by side, each by itself: one that is refused does not keep the others from being placed, and says why in `error_msg`. A batch with an order that is not well-formed is refused as a whole. `Idempotency-Key` covers each order by its place: placed ones are answered again, refused ones tried again.',
  })
  @ApiOkResponse({ description: 'What became of each, in the order asked.', standardSchema: batchedOrdersSchema })
  @ApiProblems(...BODY, ...OWN_PORTFOLIO)
  async place(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Body({ schema: orderBatchRequestSchema }) body: OrderBatchRequest,
    @IdempotencyKey() keyed: KeyedRequest | null,
    @CurrentCaller() caller: Caller,
  ): Promise<BatchedOrderBody[]> {
    const owner = ownerOf(caller);
    await this.portfolios.get(owner, id);
    const placing = body.map((order, place) =>
      this.placeOne(owner, id, order, keyed === null ? null : keyedPart(keyed, place, [id, order])),
    );
    // All of them come to their end before a failure of one is told.
    await Promise.allSettled(placing);
    return Promise.all(placing);
  }

  private async placeOne(
    owner: Owner,
    portfolioId: string,
    order: OrderRequestBody,
    keyed: KeyedRequest | null,
  ): Promise<BatchedOrderBody> {
    try {
      return toBatchedOrder(await this.orders.place(owner, portfolioId, fromOrderRequest(order), keyed));
    } catch (error) {
      if (error instanceof DomainError) return toRefusedOrder(error);
      throw error;
    }
  }
}
