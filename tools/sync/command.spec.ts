import { readCommand } from './command';

describe('the sync command line', () => {
  it.each([
    [['--full'], { what: 'full', demo: false }],
    [['--incremental', '--demo'], { what: 'incremental', demo: true }],
    [['--status'], { what: 'status', demo: false }],
  ])('%j', (args, command) => expect(readCommand(args)).toEqual(command));

  it.each([[[]], [['--full', '--status']], [['--demo']], [['--fast']], [['full']]])(
    '%j is answered with the usage',
    (args) => expect(() => readCommand(args)).toThrow(/usage: npm run sync/),
  );
});
