import { itKeepsTheBookStoreContract } from '../../test/book-store.contract';
import { onSetClock } from '../../test/set-clock';
import { InProcessBookStore } from './in-process-book-store';

describe('InProcessBookStore', () => {
  itKeepsTheBookStoreContract(
    10_000,
    onSetClock((clock) => new InProcessBookStore(clock)),
  );
});
