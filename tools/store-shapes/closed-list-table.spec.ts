import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSED_LIST } from '@app/embedded-store';
import { renderClosedList, withClosedList } from './closed-list-table';

it('shows together what one place needs of one kind', () => {
  const table = renderClosedList([
    { kind: 'filter', name: '$in', neededBy: 'a' },
    { kind: 'filter', name: '$lt', neededBy: 'b' },
    { kind: 'filter', name: '$gte', neededBy: 'a' },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| filter | `$in` `$gte` | a         |',
    '| filter | `$lt`        | b         |',
  ]);
});

it('is in the README of the store as the list is now (npm run store:list writes it)', () => {
  const readme = readFileSync(join(__dirname, '../../libs/embedded-store/README.md'), 'utf8');
  expect(withClosedList(readme, CLOSED_LIST)).toBe(readme);
});

it('refuses a text without the marks', () => {
  expect(() => withClosedList('# nothing', CLOSED_LIST)).toThrow('marks');
});
