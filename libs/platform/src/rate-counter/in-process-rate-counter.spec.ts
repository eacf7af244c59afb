import { itKeepsTheRateCounterContract } from '../../test/rate-counter.contract';
import { Clock } from '../clock';
import { InProcessRateCounter } from './in-process-rate-counter';

class SetClock extends Clock {
  ms = Date.parse('2026-02-07T00:00:00Z');

  override now(): Date {
    return new Date(this.ms);
  }
}

describe('InProcessRateCounter', () => {
  itKeepsTheRateCounterContract(10_000, () => {
    const clock = new SetClock();
    return {
      counter: new InProcessRateCounter(clock),
      pass: (ms) => {
        clock.ms += ms;
        return Promise.resolve();
      },
    };
  });
});
