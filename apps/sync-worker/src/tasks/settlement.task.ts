import { type SettlementReport, SettlementService } from '@app/trading';
import { Injectable, Logger } from '@nestjs/common';

/** Ends orders and pays positions when markets end. Several workers may do it at once: each portfolio is paid once. */
@Injectable()
export class SettlementTask {
  readonly name = 'settle markets';
  readonly everyMs = 5_000;
  private readonly logger = new Logger('Settlement');

  constructor(private readonly settlement: SettlementService) {}

  async run(context: { now: Date; signal: AbortSignal }): Promise<SettlementReport> {
    const startedAt = performance.now();
    const report = await this.settlement.settleDue(context.now, context.signal);
    const { accepted, cancelledOrders, paid, reversed, failed } = report;
    if (accepted + cancelledOrders + paid + reversed + failed > 0) {
      this.logger.log({ msg: 'Markets settled', durationMs: Math.round(performance.now() - startedAt), ...report });
    }
    return report;
  }
}
