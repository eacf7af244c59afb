import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complement, formatMicro, microPrice, microShares } from '@app/domain';
import {
  type BookLevel,
  mirrorLevels,
  type OrderBookSnapshot,
  type RestingEvent,
  type RestingOrder,
} from '@app/exchange';
import { asText, replay } from '../../../libs/exchange/test/replay';
import { type SimulatedTape, simulateMarket } from '../../../libs/exchange/test/simulated-market';
import { readTape, type Tape, writeTape } from '../../../libs/exchange/test/tape';
import { readRecording } from '../src/recorder/read-recording';
import { type RecordedLine, readRecordedLine, writeRecordedLine } from '../src/recorder/recorded-line';
import { StreamRecording } from '../src/recorder/stream-recording';
import { tapesOf } from './recorded-tape';

const NOON = Date.UTC(2026, 10, 23, 12);
const MIDNIGHT = Date.UTC(2026, 10, 24);
const CONDITION = `0x${'5e'.repeat(32)}`;
const TOKENS = ['11', '22'] as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorder-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function linesOf(file: string): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(join(folder, file))) lines.push(line);
  return lines;
}

const aBook = (
  tokenId: string,
  levels: { bids: readonly BookLevel[]; asks: readonly BookLevel[] },
): OrderBookSnapshot => ({
  tokenId,
  conditionId: CONDITION,
  bids: [...levels.bids],
  asks: [...levels.asks],
  tickSize: microPrice(10_000n),
  minOrderSize: microShares(5_000_000n),
  negRisk: false,
  lastTradePrice: null,
  hash: null,
  venueTime: new Date(NOON),
});

describe('a line of a recording', () => {
  const level = { price: microPrice(430_000n), size: microShares(1_500_001n) };
  it.each<RecordedLine>([
    { atMs: NOON, kind: 'frame', connection: 3, frame: 'garbage "\n\u0000\ud800 of any kind' },
    { atMs: NOON, kind: 'frame', connection: 3, frame: '' },
    { atMs: NOON, kind: 'connected', connection: 1, tokenIds: ['1', '2'] },
    { atMs: NOON, kind: 'continues', connection: 1, tokenIds: ['1'] },
    { atMs: NOON, kind: 'disconnected', connection: 1, tokenIds: null, reason: 'why' },
    { atMs: NOON, kind: 'disconnected', connection: 1, tokenIds: ['1'], reason: 'why' },
    { atMs: NOON, kind: 'market', conditionId: CONDITION, tokenIds: TOKENS },
    { atMs: NOON, kind: 'book', book: aBook('11', { bids: [level], asks: [] }) },
    { atMs: NOON, kind: 'no_book', tokenId: '11' },
    { atMs: NOON, kind: 'lost', lines: 7 },
  ])('of kind $kind reads as it was written', (line) => {
    const text = writeRecordedLine(line);
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(readRecordedLine(text)).toEqual({ ok: true, value: line });
  });

  it.each([
    ['', 'not JSON'],
    ['{"at":1}', 'one of frame'],
    ['{"at":1,"kind":"frame","connection":1}', 'expected text'],
    ['{"at":1,"kind":"market","condition_id":"0x","token_ids":["1"]}', 'two token ids'],
  ])('%j is refused', (text, reason) => {
    const line = readRecordedLine(text);
    expect(!line.ok && line.refusal.reason).toContain(reason);
  });
});

describe('StreamRecording', () => {
  it('keeps what it is shown, in order, in a file of the day', async () => {
    const recording = new StreamRecording({ folder: join(folder, 'deeper'), instance: 'a-1' });
    recording.follow(CONDITION, TOKENS, NOON);
    recording.connected(1, TOKENS, NOON + 1);
    recording.frame(1, 'PONG', NOON + 2);
    await recording.flush();
    recording.disconnected(1, null, 'gone', NOON + 3);
    await recording.close();
    recording.frame(1, 'too late', NOON + 4);
    await recording.flush();
    expect(await readdir(join(folder, 'deeper'))).toEqual(['2026-11-23.a-1.jsonl.gz']);
    const lines = await linesOf('deeper/2026-11-23.a-1.jsonl.gz');
    expect(lines.map(({ atMs, kind }) => [atMs - NOON, kind])).toEqual([
      [0, 'market'],
      [1, 'connected'],
      [2, 'frame'],
      [3, 'disconnected'],
    ]);
    expect(recording.stats()).toMatchObject({ lines: 4, lostLines: 0 });
  });

  it('begins a file every day, with what one has to know to read it alone', async () => {
    const recording = new StreamRecording({ folder, instance: 'a' });
    recording.follow(CONDITION, TOKENS, NOON);
    recording.follow('0x02', ['3', '4'], NOON);
    recording.connected(1, ['11', '22', '3', '4'], NOON);
    recording.connected(2, ['7'], NOON);
    recording.disconnected(1, ['3', '4'], 'nobody follows it', NOON);
    recording.disconnected(2, null, 'gone', NOON);
    recording.unfollow('0x02');
    recording.frame(1, 'before', MIDNIGHT - 1);
    recording.frame(1, 'after', MIDNIGHT);
    await recording.close();
    expect(await readdir(folder)).toEqual(['2026-11-23.a.jsonl.gz', '2026-11-24.a.jsonl.gz']);
    expect(await linesOf('2026-11-24.a.jsonl.gz')).toEqual([
      { atMs: MIDNIGHT, kind: 'market', conditionId: CONDITION, tokenIds: TOKENS },
      { atMs: MIDNIGHT, kind: 'continues', connection: 1, tokenIds: ['11', '22'] },
      { atMs: MIDNIGHT, kind: 'frame', connection: 1, frame: 'after' },
    ]);
  });

  it('never writes to a file that is there already', async () => {
    await writeFile(join(folder, '2026-11-23.a.jsonl.gz'), 'something else');
    const recording = new StreamRecording({ folder, instance: 'a' });
    recording.frame(1, 'kept', NOON);
    await recording.close();
    expect(await linesOf('2026-11-23.a.1.jsonl.gz')).toMatchObject([{ frame: 'kept' }]);
    expect(await readFile(join(folder, '2026-11-23.a.jsonl.gz'), 'utf8')).toBe('something else');
  });

  it('marks what the disk did not take, and goes on', async () => {
    const failures: unknown[] = [];
    await writeFile(join(folder, 'in-the-way'), '');
    const blocked = join(folder, 'in-the-way');
    const recording = new StreamRecording({
      folder: blocked,
      instance: 'a',
      onFailure: (error) => failures.push(error),
    });
    recording.follow(CONDITION, TOKENS, NOON);
    recording.connected(1, TOKENS, NOON);
    await recording.flush();
    recording.frame(1, 'PONG', NOON + 1);
    await recording.flush();
    expect(failures).toHaveLength(1);
    const { lines, lostLines } = recording.stats();
    expect(lines).toBe(0);
    await rm(blocked);
    recording.frame(1, 'kept', NOON + 5);
    await recording.close();
    expect(await linesOf('in-the-way/2026-11-23.a.jsonl.gz')).toEqual([
      { atMs: NOON + 5, kind: 'lost', lines: lostLines },
      { atMs: NOON + 5, kind: 'market', conditionId: CONDITION, tokenIds: TOKENS },
      { atMs: NOON + 5, kind: 'continues', connection: 1, tokenIds: TOKENS },
      { atMs: NOON + 5, kind: 'frame', connection: 1, frame: 'kept' },
    ]);
  });

  it('takes back what a full disk took of a batch, and goes on in the same file', async () => {
    const probe = await open(join(folder, 'probe'), 'w');
    const files = Object.getPrototypeOf(probe) as Pick<FileHandle, 'appendFile'>;
    await probe.close();
    await rm(join(folder, 'probe'));
    const { appendFile } = files;
    const recording = new StreamRecording({ folder, instance: 'a' });
    recording.frame(1, 'before', NOON);
    await recording.flush();
    const full = jest.spyOn(files, 'appendFile').mockImplementation(async function (this: FileHandle, bytes) {
      await appendFile.call(this, (bytes as Buffer).subarray(0, 5));
      throw new Error('no space left on device');
    });
    for (let atMs = NOON + 1; atMs < NOON + 4; atMs += 1) {
      recording.frame(1, 'lost', atMs);
      await recording.flush();
    }
    full.mockRestore();
    recording.frame(1, 'after', NOON + 4);
    await recording.close();
    expect(await readdir(folder)).toEqual(['2026-11-23.a.jsonl.gz']);
    const { lostLines } = recording.stats();
    expect(await linesOf('2026-11-23.a.jsonl.gz')).toMatchObject([
      { frame: 'before' },
      { kind: 'lost', lines: lostLines },
      { frame: 'after' },
    ]);
  });

  it('holds only so much in memory while the disk is slow', async () => {
    const recording = new StreamRecording({ folder, instance: 'a', waitingLength: 2_000 });
    for (let number = 0; number < 100; number += 1) recording.frame(1, 'x'.repeat(100), NOON + number);
    await recording.flush();
    recording.frame(1, 'later', NOON + 200);
    await recording.close();
    const lines = await linesOf('2026-11-23.a.jsonl.gz');
    const { lostLines } = recording.stats();
    expect(lostLines).toBeGreaterThan(0);
    expect(lines.filter(({ kind }) => kind === 'frame')).toHaveLength(100 - lostLines + 1);
    expect(lines.slice(-2)).toMatchObject([{ kind: 'lost', lines: lostLines }, { frame: 'later' }]);
  });
});

describe('a recording whose writer was killed', () => {
  it('is readable up to where the file ends, wherever that is', async () => {
    const recording = new StreamRecording({ folder, instance: 'a' });
    for (let number = 0; number < 300; number += 1) {
      recording.frame(1, `frame ${number} ${'é'.repeat(number % 7)}`, NOON + number);
      if (number % 50 === 49) await recording.flush();
    }
    await recording.close();
    const file = '2026-11-23.a.jsonl.gz';
    const whole = await linesOf(file);
    const { length } = await readFile(join(folder, file));
    let shortest = whole.length;
    for (let end = length - 1; end >= 0; end -= 37) {
      await truncate(join(folder, file), end);
      const lines = await linesOf(file);
      expect(lines).toEqual(whole.slice(0, lines.length));
      expect(lines.length).toBeLessThanOrEqual(shortest);
      shortest = lines.length;
    }
    expect(whole).toHaveLength(300);
    expect(shortest).toBe(0);
  });

  it('lacks nothing that was written before the kill', async () => {
    const child = fork('tools/ts.cjs', ['apps/live-worker/test/record-forever.ts', folder], {
      cwd: join(__dirname, '../../..'),
    });
    let written = 0;
    try {
      while (written < 2_000) {
        const [message] = (await once(child, 'message')) as [{ written: number }];
        ({ written } = message);
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const lines = await linesOf('2026-11-23.killed.jsonl.gz');
    expect(lines.length).toBeGreaterThanOrEqual(written);
    const numbers = lines.map((line) =>
      line.kind === 'frame' ? (JSON.parse(line.frame) as { number: number }).number : -1,
    );
    expect(numbers).toEqual(lines.map((_, index) => index));
  });

  it('that is damaged in the middle says where', async () => {
    const recording = new StreamRecording({ folder, instance: 'a' });
    recording.frame(1, 'fine', NOON);
    await recording.close();
    const file = join(folder, '2026-11-23.a.jsonl.gz');
    const bytes = await readFile(file);
    bytes[12] = (bytes[12] ?? 0) ^ 0xff;
    await writeFile(file, bytes);
    await expect(linesOf('2026-11-23.a.jsonl.gz')).rejects.toThrow();
    await expect(linesOf('no-such-file')).rejects.toThrow('ENOENT');
  });
});

describe('a recording played again', () => {
  it.each(['one', 'two', 'three'])(
    'gives the fills of what was recorded, and the same every time: market %s',
    async (seed) => {
      const simulated = simulateMarket(`recorded ${seed}`, { gapsPerHundred: 1 });
      await record(simulated);
      const [file = ''] = await readdir(folder);
      const tape = withOrders(await tapesOf([join(folder, file)]), simulated);

      const again = replay(withOrders(await tapesOf([join(folder, file)]), simulated));
      const replayed = replay(tape);
      expect(replayed.fills.length).toBeGreaterThan(0);
      expect(asText(again.outcomes)).toBe(asText(replayed.outcomes));
      expect(asText(replay(readTape(writeTape(tape))).outcomes)).toBe(asText(replayed.outcomes));

      const essence = ({ fills }: ReturnType<typeof replay>): unknown[] =>
        fills.map(({ orderId, rule, price, quantity, remaining, printKey, tradedAtMs }) => [
          orderId,
          rule,
          price,
          quantity,
          remaining,
          printKey,
          tradedAtMs,
        ]);
      expect(essence(replayed)).toEqual(essence(replay(simulated)));
    },
  );

  it('may be told every print twice', async () => {
    const simulated = simulateMarket('told twice');
    await record(simulated, { printsTwice: true });
    const [file = ''] = await readdir(folder);
    const { fills } = replay(withOrders(await tapesOf([join(folder, file)]), simulated));
    expect(fills.map(({ orderId, quantity }) => [orderId, quantity])).toEqual(
      replay(simulated).fills.map(({ orderId, quantity }) => [orderId, quantity]),
    );
  });

  it.each([
    ['fills what a print reaches', 1_000_000, 1],
    ['fills nothing over a part that is missing', 0, 0],
  ])('%s', async (_, waitingLength, fillCount) => {
    const before = new StreamRecording({ folder, instance: 'a' });
    const level = (price: bigint): BookLevel => ({ price: microPrice(price), size: microShares(10_000_000n) });
    follow(before, NOON);
    tellBooks(before, { bids: [level(400_000n)], asks: [level(600_000n)] }, NOON);
    await before.close();
    const after = new StreamRecording({ folder, instance: 'b', waitingLength });
    after.frame(1, 'PONG', NOON + 1);
    after.frame(1, 'PONG', NOON + 2);
    await after.flush();
    const through = { price: microPrice(300_000n), size: microShares(5_000_000n), aggressor: 'sell' as const };
    tellPrint(after, through, 0, NOON + 10);
    await after.close();
    const tapes = await tapesOf(['a', 'b'].map((instance) => join(folder, `2026-11-23.${instance}.jsonl.gz`)));
    const order: RestingOrder = {
      orderId: 'order',
      portfolioId: 'portfolio',
      outcomeIndex: 0,
      side: 'buy',
      price: microPrice(400_000n),
      quantity: microShares(3_000_000n),
      filledQuantity: microShares(0n),
      profile: 'realistic',
      restingSinceMs: NOON,
      expiresAtMs: null,
      queueAhead: null,
      queueAheadAtEntry: null,
      arrivalMidpoint: null,
    };
    const [first, second, ...rest] = tapes.get(CONDITION)?.events ?? [];
    expect([first?.kind, second?.kind]).toEqual(['gap', 'gap']);
    const events = [first!, second!, { kind: 'place' as const, atMs: NOON, order }, ...rest];
    expect(replay({ conditionId: CONDITION, events }).fills).toHaveLength(fillCount);
  });
});

it('a recording tells where the venue kept no book to compare with', async () => {
  const recording = new StreamRecording({ folder, instance: 'a' });
  follow(recording, NOON);
  tellBooks(recording, { bids: [], asks: [] }, NOON);
  recording.foundNoBook('11', NOON + 5);
  await recording.close();
  const { events } = (await tapesOf([join(folder, '2026-11-23.a.jsonl.gz')])).get(CONDITION)!;
  expect(events.at(-1)).toMatchObject({ kind: 'gap', atMs: NOON + 5, reason: 'the venue keeps no book of it' });
});

/** The tape of the one market of a recording, with the paper orders of the one it was made from. */
function withOrders(tapes: ReadonlyMap<string, Tape>, { conditionId, events }: SimulatedTape): Tape {
  const recorded = tapes.get(conditionId)?.events ?? [];
  const orders = events.filter(({ kind }) => kind === 'place' || kind === 'cancel' || kind === 'replace');
  const merged: RestingEvent[] = [];
  let next = 0;
  for (const order of orders) {
    for (let event = recorded[next]; event !== undefined && event.atMs <= order.atMs; event = recorded[next]) {
      merged.push(event);
      next += 1;
    }
    merged.push(order);
  }
  return { conditionId, events: [...merged, ...recorded.slice(next)] };
}

/** Records a made-up market as the venue would have told of it. */
async function record(tape: SimulatedTape, { printsTwice = false } = {}): Promise<void> {
  const recording = new StreamRecording({ folder, instance: 'a' });
  let isConnected = false;
  let pongAtMs = 0;
  let prints = 0;
  for (const event of tape.events) {
    const { atMs } = event;
    if (isConnected && atMs >= pongAtMs + 5_000) {
      recording.frame(1, 'PONG', atMs);
      pongAtMs = atMs;
    }
    switch (event.kind) {
      case 'gap':
        recording.disconnected(1, null, event.reason, atMs);
        isConnected = false;
        break;
      case 'snapshot':
        if (!isConnected) follow(recording, atMs);
        isConnected = true;
        pongAtMs = atMs;
        tellBooks(recording, event, atMs);
        break;
      case 'changes':
        recording.frame(
          1,
          JSON.stringify({
            ...head('price_change', event.venueTimeMs),
            price_changes: event.changes.flatMap(({ side, price, size }) => [
              wireChange(0, side, price, size),
              wireChange(1, side === 'bid' ? 'ask' : 'bid', complement(price), size),
            ]),
          }),
          atMs,
        );
        break;
      case 'print':
        prints += 1;
        tellPrint(recording, event, prints % 2, atMs);
        if (printsTwice) tellPrint(recording, event, 1 - (prints % 2), atMs);
        break;
      default:
        break;
    }
  }
  await recording.close();
}

const head = (type: string, venueTimeMs: number) => ({
  event_type: type,
  market: CONDITION,
  timestamp: String(venueTimeMs),
});

function follow(recording: StreamRecording, atMs: number): void {
  recording.follow(CONDITION, TOKENS, atMs);
  recording.connected(1, TOKENS, atMs);
}

type Levels = { bids: readonly BookLevel[]; asks: readonly BookLevel[] };

function tellBooks(recording: StreamRecording, book: Levels, atMs: number): void {
  const side = (levels: readonly BookLevel[]) =>
    levels.map(({ price, size }) => ({ price: formatMicro(price), size: formatMicro(size) }));
  const wire = (tokenId: string, { bids, asks }: Levels) => ({
    ...head('book', atMs),
    asset_id: tokenId,
    bids: side(bids),
    asks: side(asks),
  });
  recording.frame(1, JSON.stringify([wire('11', book), wire('22', mirrorLevels(book))]), atMs);
  recording.reconciled(aBook('11', book), atMs);
}

function wireChange(outcome: 0 | 1, side: 'bid' | 'ask', price: bigint, size: bigint): Record<string, string> {
  return {
    asset_id: TOKENS[outcome],
    price: formatMicro(price),
    size: formatMicro(size),
    side: side === 'bid' ? 'BUY' : 'SELL',
    best_bid: '',
    best_ask: '',
  };
}

function tellPrint(
  recording: StreamRecording,
  { price, size, aggressor }: Pick<Extract<RestingEvent, { kind: 'print' }>, 'price' | 'size' | 'aggressor'>,
  outcome: number,
  atMs: number,
): void {
  const isFirst = outcome === 0;
  const print = {
    ...head('last_trade_price', atMs),
    asset_id: isFirst ? '11' : '22',
    price: formatMicro(isFirst ? price : complement(price)),
    size: formatMicro(size),
    side: (aggressor === 'buy') === isFirst ? 'BUY' : 'SELL',
    fee_rate_bps: '0',
  };
  recording.frame(1, JSON.stringify(print), atMs);
}
