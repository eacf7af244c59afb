import { itKeepsTheLeasesContract } from '../../test/leases.contract';
import { onSetClock } from '../../test/set-clock';
import { InProcessLeases } from './in-process-leases';

describe('InProcessLeases', () => {
  itKeepsTheLeasesContract(
    10_000,
    onSetClock((clock) => new InProcessLeases(clock)),
  );
});
