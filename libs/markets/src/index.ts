export * from './catalogue/market-catalogue';
export * from './catalogue/market-outcome';
export * from './catalogue/sync-coverage';
export * from './markets.module';
export { INTERVAL_SECONDS, type HistoryInterval, type HistoryRequest } from './price-history/history-plan';
export * from './open-interest/open-interest.service';
export * from './order-book/order-book-reader';
export * from './price-history/price-history.service';
export * from './refresh/market-refresh.service';
