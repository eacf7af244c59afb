import { Clock } from '@app/platform';

/** A clock that stands still until it is moved. */
export class ManualClock extends Clock {
  constructor(private at: Date = new Date('2026-11-22T10:00:00Z')) {
    super();
  }

  override now(): Date {
    return new Date(this.at);
  }

  advance(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}
