import { CLOSED_LIST, type CommandShape } from '@app/embedded-store';
import { checkShapes } from './check-shapes';

const find: CommandShape = {
  command: 'find',
  uses: [
    { kind: 'command', name: 'find', place: 'find' },
    { kind: 'filter', name: '$in', place: 'find.filter.*' },
  ],
};
const byPattern: CommandShape = {
  command: 'find',
  uses: [...find.uses, { kind: 'filter', name: '$regex', place: 'find.filter.$or.*' }],
};

describe('the check of command shapes', () => {
  it('finds nothing wrong in what is on the list, and says what nobody sent', () => {
    const report = checkShapes([find, find], CLOSED_LIST);
    expect([report.shapes, report.offList]).toEqual([1, []]);
    expect(report.unsent).toContain('command ping');
    expect(report.unsent).not.toContain('filter $in');
    expect(report.unsent).toHaveLength(CLOSED_LIST.length - 2);
  });

  it('names command and place of what is off the list, once', () => {
    expect(checkShapes([byPattern, find, byPattern], CLOSED_LIST).offList).toEqual([
      'find: filter $regex at find.filter.$or.*',
    ]);
  });

  it('tells the same name in two kinds apart', () => {
    const shape: CommandShape = { command: 'x', uses: [{ kind: 'stage', name: '$set', place: 'aggregate.pipeline' }] };
    expect(checkShapes([shape], CLOSED_LIST).offList).toEqual(['x: stage $set at aggregate.pipeline']);
  });
});
