import { itKeepsTheInterestStoreContract } from '../../test/interest-store.contract';
import { onSetClock } from '../../test/set-clock';
import { InProcessInterestStore } from './in-process-interest-store';

describe('InProcessInterestStore', () => {
  itKeepsTheInterestStoreContract(
    10_000,
    onSetClock((clock) => new InProcessInterestStore(clock)),
  );
});
