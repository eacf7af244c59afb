import { Logger } from '@nestjs/common';

/** Logs the loss of Redis once per outage for one use of it, and the recovery once. */
export class DegradedNotice {
  private readonly logger = new Logger('Redis');
  private isLost = false;

  /** @param use what is degraded, as the start of a log message: "Rate limits" */
  constructor(private readonly use: string) {}

  lost(err: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.logger.warn({ err, use: this.use, msg: 'Redis does not answer; working without it' });
  }

  recovered(): void {
    if (!this.isLost) return;
    this.isLost = false;
    this.logger.log({ use: this.use, msg: 'Redis answers again' });
  }
}
