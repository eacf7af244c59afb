import { itKeepsTheRateWindowContract } from '../../test/rate-window.contract';
import { Clock } from '../clock';
import { InProcessRateWindow } from './in-process-rate-window';

class SetClock extends Clock {
  ms = Date.parse('2026-02-07T00:00:00Z');

  override now(): Date {
    return new Date(this.ms);
  }
}

describe('InProcessRateWindow', () => {
  itKeepsTheRateWindowContract(10_000, () => {
    const clock = new SetClock();
    return {
      window: new InProcessRateWindow(clock),
      pass: (ms) => {
        clock.ms += ms;
        return Promise.resolve();
      },
    };
  });

  it('never waits longer than a window when the clock is set back', async () => {
    const clock = new SetClock();
    const window = new InProcessRateWindow(clock);
    await window.take('a', 1, 1_000);
    clock.ms -= 3_600_000;
    expect(await window.take('a', 1, 1_000)).toBe(1_000);
  });
});
