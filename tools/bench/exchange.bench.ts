import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { marketStream, type StreamOptions } from './exchange/market-stream';
import { type Contender, packageBookOf, packageTakingOf, restingBookOf, takers, takingOf } from './exchange/sides';
import { conditions, print, wholeNumber } from './measuring';

const USAGE = `npm run bench -- exchange [--operations 100000] [--rounds 5]

Orders a second of the pure core: taking, and a resting book under a stream of levels and prints with the queue model on. Beside it the
npm package nodejs-order-book does the same adds, matches and cancels, taking turns in the same run. Then how long a single operation takes,
and the heap that resting orders hold.
  --operations  how many each round does
  --rounds      how often the two take turns; the first round only warms up
`;

const MEGABYTE = 1024 * 1024;
/** Cells tell the middle round. */
const MIDDLE = 0.5;

interface Options {
  operations: number;
  rounds: number;
}

/** The same work for both, built anew for every round. */
interface Case {
  readonly name: string;
  /** Whether the package's speed is to be reached: where we do what it does not know, it is told for comparison alone. */
  readonly isTarget: boolean;
  ours(): Contender;
  package(): Contender;
}

interface Measured {
  perSecond: number;
  p50Us: number;
  p99Us: number;
}

interface Row {
  name: string;
  isTarget: boolean;
  ours: Measured;
  package: Measured;
  /** Our rate over the package's, of the middle round. */
  ratio: number;
}

export function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return Promise.resolve();
  const rows = casesOf(options).map((one) => measure(one, options));
  report(rows, heaps(), options);
  return Promise.resolve();
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      operations: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return null;
  }
  return {
    operations: wholeNumber('operations', values.operations, 1_000),
    rounds: wholeNumber('rounds', values.rounds, 2),
  };
}

function casesOf({ operations }: Options): Case[] {
  const orders = takers('takers', operations);
  const resting = (name: string, options: Pick<StreamOptions, 'resting' | 'hasCancels'>): Case => {
    const stream = marketStream({ seed: name, operations, portfolios: 500, ...options });
    return { name, isTarget: true, ours: () => restingBookOf(stream), package: () => packageBookOf(stream) };
  };
  return [
    {
      name: 'taking one to three levels, beside the matches alone',
      isTarget: true,
      ours: () => takingOf(orders, false),
      package: () => packageTakingOf(orders, false),
    },
    {
      name: '... beside the matches and the adds they need',
      isTarget: true,
      ours: () => takingOf(orders, false),
      package: () => packageTakingOf(orders, true),
    },
    {
      name: 'accepting by all rules and taking, beside the matches alone',
      isTarget: false,
      ours: () => takingOf(orders, true),
      package: () => packageTakingOf(orders, false),
    },
    resting('1,000 resting: adds and matches', { resting: 1_000, hasCancels: false }),
    resting('1,000 resting: adds, matches and cancels', { resting: 1_000, hasCancels: true }),
    resting('5,000 resting: adds and matches', { resting: 5_000, hasCancels: false }),
    resting('5,000 resting: adds, matches and cancels', { resting: 5_000, hasCancels: true }),
  ];
}

function measure(one: Case, { rounds }: Options): Row {
  const taken: { ours: number; package: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    // Who goes first changes, as does what else the machine does.
    const oursFirst = round % 2 === 0;
    const first = rate(oursFirst ? one.ours() : one.package());
    const second = rate(oursFirst ? one.package() : one.ours());
    if (round > 0) taken.push(oursFirst ? { ours: first, package: second } : { ours: second, package: first });
  }
  const rates = (side: 'ours' | 'package'): number => middle(taken.map((round) => round[side]));
  const row = {
    name: one.name,
    isTarget: one.isTarget,
    ours: { perSecond: rates('ours'), ...latencies(one.ours()) },
    package: { perSecond: rates('package'), ...latencies(one.package()) },
    ratio: middle(taken.map((round) => round.ours / round.package)),
  };
  print(`${one.name}: ${row.ratio.toFixed(2)}x\n`);
  return row;
}

/** Operations a second. What is prepared before each is timed apart and taken off. */
function rate(contender: Contender): number {
  collectGarbage();
  const { count } = contender;
  let prepared = 0;
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    if (contender.prepare !== undefined) {
      const preparedAt = performance.now();
      contender.prepare(index);
      prepared += performance.now() - preparedAt;
    }
    contender.run(index);
  }
  const elapsed = performance.now() - startedAt - prepared;
  if (contender.fills === 0) throw new Error('nothing filled: there was nothing to measure');
  return (count * 1_000) / elapsed;
}

function latencies(contender: Contender): Pick<Measured, 'p50Us' | 'p99Us'> {
  collectGarbage();
  const taken = new Float64Array(contender.count);
  for (let index = 0; index < contender.count; index += 1) {
    contender.prepare?.(index);
    const startedAt = performance.now();
    contender.run(index);
    taken[index] = performance.now() - startedAt;
  }
  taken.sort();
  const at = (share: number): number => (taken[Math.floor((taken.length - 1) * share)] ?? 0) * 1_000;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

/** Megabytes of heap that a book with so many resting orders of portfolios holds. */
function heaps(): { resting: number; ours: number; package: number } {
  const resting = 5_000;
  const stream = marketStream({ seed: 'heap', operations: 0, portfolios: 500, resting, hasCancels: false });
  const held = (build: () => unknown): number => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const book = build();
    collectGarbage();
    const megabytes = (process.memoryUsage().heapUsed - before) / MEGABYTE;
    if (book === null) throw new Error('the book is gone');
    return megabytes;
  };
  return { resting, ours: held(() => restingBookOf(stream).book), package: held(() => packageBookOf(stream).book) };
}

function report(rows: readonly Row[], heap: ReturnType<typeof heaps>, { operations, rounds }: Options): void {
  const misses = rows.filter(({ isTarget, ratio }) => isTarget && ratio < 1);
  const cell = ({ perSecond, p50Us, p99Us }: Measured): string =>
    `${Math.round(perSecond).toLocaleString('en')} · ${p50Us.toFixed(1)} · ${p99Us.toFixed(1)}`;
  print(
    [
      '',
      `${operations.toLocaleString('en')} operations a round, the middle of ${rounds} rounds; ${conditions()}`,
      '',
      'Cells: operations a second · p50 µs · p99 µs.',
      '',
      '| what | exchange | nodejs-order-book | beside it | target |',
      '|---|--:|--:|--:|---|',
      ...rows
        .map(({ name, ours, package: other, ratio, isTarget }) =>
          [name, cell(ours), cell(other), `${ratio.toFixed(2)}x`, targetOf(isTarget, ratio)].join(' | '),
        )
        .map((row) => `| ${row} |`),
      `| heap of a book with ${heap.resting.toLocaleString('en')} resting orders | ${heap.ours.toFixed(1)} MB | ${heap.package.toFixed(1)} MB | | |`,
      '',
      misses.length === 0
        ? 'Every target is met.'
        : `NOT every target is met: ${misses.map(({ name }) => name).join('; ')}.`,
      '',
    ].join('\n'),
  );
}

function targetOf(isTarget: boolean, ratio: number): string {
  if (!isTarget) return '';
  return ratio < 1 ? 'MISSED: at least 1x' : 'at least 1x';
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * MIDDLE)] ?? 0;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
