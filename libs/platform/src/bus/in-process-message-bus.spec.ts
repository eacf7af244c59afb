import { itKeepsTheMessageBusContract } from '../../test/message-bus.contract';
import { InProcessMessageBus } from './in-process-message-bus';

describe('InProcessMessageBus', () => {
  itKeepsTheMessageBusContract(() => {
    const bus = new InProcessMessageBus();
    return { sender: bus, hearer: bus };
  });
});
