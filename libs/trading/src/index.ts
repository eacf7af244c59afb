export type { KeyedRequest, Owner, PageRequest, Replayable } from './owner';
export type { MarketKey } from '@app/markets';
export {
  type CompleteSets,
  type NewPortfolio,
  type PortfolioChange,
  PortfoliosService,
} from './portfolios/portfolios.service';
export {
  type ExplainedOrder,
  type OrderQuery,
  type OrderRequest,
  OrdersService,
  type OrderWithTrades,
  type TradeQuery,
  type TradeRequest,
} from './orders/orders.service';
export { OrderUpkeep } from './orders/order-upkeep';
export { PortfoliosModule } from './portfolios.module';
export { type TradingEnv, tradingEnv, tradingOptions } from './trading.env';
export { TradingModule } from './trading.module';
export { DEFAULT_TRADING_OPTIONS, type TradingOptions } from './trading.options';
