import { formatLogLine } from './log-line';

const time = Date.parse('2026-02-07T10:20:30.400Z');
const line = (record: object): string | null =>
  formatLogLine(JSON.stringify({ pid: 1, hostname: 'h', time, ...record }));

describe('formatLogLine', () => {
  it('shows time, level, place, message and fields', () => {
    expect(line({ level: 30, context: 'Sync', msg: 'Run started', kind: 'full', pages: 3, none: null })).toBe(
      '10:20:30 info Sync: Run started kind=full pages=3',
    );
  });

  it('shows the reason of a warning, and the stack of an error', () => {
    const err = { type: 'Error', message: 'refused', stack: 'Error: refused\n    at x' };
    expect(line({ level: 40, msg: 'Lost', err })).toBe('10:20:30 warn Lost (refused)');
    expect(line({ level: 50, msg: 'Broken', err })).toBe('10:20:30 error Broken\nError: refused\n    at x');
  });

  it('shows which request a line is about', () => {
    const req = { id: 'a', method: 'GET', path: '/markets' };
    expect(line({ level: 30, msg: 'request completed', req, res: { status: 422 }, responseTime: 3 })).toBe(
      '10:20:30 info request completed GET /markets 422',
    );
  });

  it('leaves the start-up chatter of the framework out, but not its warnings', () => {
    expect(line({ level: 30, context: 'RouterExplorer', msg: 'Mapped {/markets, GET} route' })).toBeNull();
    expect(line({ level: 40, context: 'RouterExplorer', msg: 'Odd route' })).toBe(
      '10:20:30 warn RouterExplorer: Odd route',
    );
  });

  it.each(['plain words\n', '{"level":', '{"other":1}'])('passes %j on as it is', (text) => {
    expect(formatLogLine(text)).toBe(text.trimEnd());
  });
});
