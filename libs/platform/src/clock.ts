import { Injectable } from '@nestjs/common';

/** The one source of the current time; inject it instead of calling `Date.now()` where a test must set the time. */
export abstract class Clock {
  abstract now(): Date;
}

/** The machine's wall clock. */
@Injectable()
export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}
