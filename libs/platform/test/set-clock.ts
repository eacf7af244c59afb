import { Clock } from '../src';
import type { CreateTimed } from './timed';

/** A clock that stands still until it is set. */
export class SetClock extends Clock {
  ms = Date.parse('2026-02-07T00:00:00Z');

  override now(): Date {
    return new Date(this.ms);
  }
}

/** Makes harnesses for what lives on a clock of this process. */
export function onSetClock<Subject>(create: (clock: Clock) => Subject): CreateTimed<Subject> {
  return () => {
    const clock = new SetClock();
    return {
      subject: create(clock),
      pass: (ms) => {
        clock.ms += ms;
        return Promise.resolve();
      },
    };
  };
}
