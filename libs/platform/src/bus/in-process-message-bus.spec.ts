import { Logger } from '@nestjs/common';
import { itKeepsTheMessageBusContract } from '../../test/message-bus.contract';
import { InProcessMessageBus } from './in-process-message-bus';

// A failing listener is logged, as it is here on purpose.
beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('InProcessMessageBus', () => {
  itKeepsTheMessageBusContract(() => {
    const bus = new InProcessMessageBus();
    return { sender: bus, hearer: bus };
  });
});
