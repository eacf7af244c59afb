import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

/** How time is let pass: the way of an order to the venue, and a pause before the next try. */
export abstract class Waiting {
  /** Resolves after so many milliseconds. */
  abstract for(ms: number): Promise<void>;
}

/** Waits by the event loop's timers. */
@Injectable()
export class TimerWaiting extends Waiting {
  override async for(ms: number): Promise<void> {
    if (ms > 0) await wait(ms);
  }
}
