import fc from 'fast-check';
import { Clock } from '../clock';
import { InProcessRateWindow } from './in-process-rate-window';

class SetClock extends Clock {
  ms = 1_000_000;

  override now(): Date {
    return new Date(this.ms);
  }
}

describe('InProcessRateWindow, for any arrivals', () => {
  it('never lets more than the limit through in any stretch of the window, and never refuses below it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }),
        async (limit, windowMs, gaps) => {
          const clock = new SetClock();
          const window = new InProcessRateWindow(clock);
          const taken: number[] = [];
          for (const gap of gaps) {
            clock.ms += gap;
            const inWindow = taken.filter((at) => at > clock.ms - windowMs);
            const wait = await window.take('k', limit, windowMs);
            expect(wait === 0).toBe(inWindow.length < limit);
            if (wait === 0) taken.push(clock.ms);
            else expect(wait).toBe((inWindow.at(-limit) ?? 0) + windowMs - clock.ms);
          }
        },
      ),
    );
  });
});
