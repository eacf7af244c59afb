import { Module } from '@nestjs/common';

/** What clients can do with portfolios and orders. Stands on `TradingModule`, `AccountsModule` and what they stand on. */
@Module({})
export class PortfoliosModule {}
