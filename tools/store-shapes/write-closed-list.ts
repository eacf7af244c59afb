import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSED_LIST } from '@app/embedded-store';
import { withClosedList } from './closed-list-table';

const README = join(__dirname, '../../libs/embedded-store/README.md');

writeFileSync(README, withClosedList(readFileSync(README, 'utf8'), CLOSED_LIST));
