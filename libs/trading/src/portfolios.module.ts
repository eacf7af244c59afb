import { Module } from '@nestjs/common';
import { CancelOrderService } from './orders/cancel-order.service';
import { ExplainOrderService } from './orders/explain-order.service';
import { OrdersService } from './orders/orders.service';
import { PlaceOrderService } from './orders/place-order.service';
import { PortfoliosService } from './portfolios/portfolios.service';
import { KeyedRequests } from './requests/keyed-requests';

/** What clients can do with portfolios and orders. Stands on `TradingModule`, `AccountsModule` and what they stand on. */
@Module({
  providers: [
    KeyedRequests,
    PlaceOrderService,
    CancelOrderService,
    ExplainOrderService,
    OrdersService,
    PortfoliosService,
  ],
  exports: [OrdersService, PortfoliosService],
})
export class PortfoliosModule {}
