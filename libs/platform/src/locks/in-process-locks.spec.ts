import { itKeepsTheLocksContract } from '../../test/locks.contract';
import { onSetClock } from '../../test/set-clock';
import { InProcessLocks } from './in-process-locks';

describe('InProcessLocks', () => {
  itKeepsTheLocksContract(
    10_000,
    onSetClock((clock) => new InProcessLocks(clock)),
  );
});
