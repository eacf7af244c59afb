import { itKeepsTheInterestStoreContract } from '../../test/interest-store.contract';
import { onSetClock, SetClock } from '../../test/set-clock';
import { InProcessInterestStore } from './in-process-interest-store';

describe('InProcessInterestStore', () => {
  itKeepsTheInterestStoreContract(
    10_000,
    onSetClock((clock) => new InProcessInterestStore(clock)),
  );

  it('remembers no holder for good whose interests all expired', async () => {
    const clock = new SetClock();
    const store = new InProcessInterestStore(clock);
    for (let connection = 0; connection < 100; connection += 1) {
      await store.add([{ subject: '0xa/1', holder: `socket:${connection}` }], 1_000);
      clock.ms += 1_000;
    }
    expect(store.holderCount).toBeLessThanOrEqual(11);
  });
});
