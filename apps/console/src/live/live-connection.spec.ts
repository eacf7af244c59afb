import { LiveConnection, type LiveSurroundings } from './live-connection';
import type { ClientMessage, ServerMessage } from './messages';

/** One socket that was opened, as the server sees it. */
interface Line {
  token: string;
  told: ClientMessage[];
  isLeft: boolean;
  say(message: ServerMessage | string): void;
  close(code: number, reason?: string): void;
}

/** A server that does what a test tells it, and a clock that stands until it is moved. */
class FakeSurroundings implements LiveSurroundings {
  readonly lines: Line[] = [];
  luck = 1;
  private nowMs = 0;
  private readonly timers = new Map<number, { atMs: number; action: () => void }>();
  private made = 0;

  open(token: string, heard: Parameters<LiveSurroundings['open']>[1]): ReturnType<LiveSurroundings['open']> {
    const line: Line = {
      token,
      told: [],
      isLeft: false,
      say: (message) => heard.message(typeof message === 'string' ? message : JSON.stringify(message)),
      close: (code, reason = '') => heard.closed(code, reason),
    };
    this.lines.push(line);
    return {
      send: (text) => line.told.push(JSON.parse(text) as ClientMessage),
      leave: () => {
        line.isLeft = true;
      },
    };
  }

  after(ms: number, action: () => void): () => void {
    const id = (this.made += 1);
    this.timers.set(id, { atMs: this.nowMs + ms, action });
    return () => this.timers.delete(id);
  }

  random(): number {
    return this.luck;
  }

  /** Moves the clock, doing on the way what is due. */
  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, { atMs }]) => atMs <= until).sort((a, b) => a[1].atMs - b[1].atMs);
      if (next === undefined) break;
      this.timers.delete(next[0]);
      this.nowMs = next[1].atMs;
      next[1].action();
    }
    this.nowMs = until;
  }

  get line(): Line {
    const last = this.lines.at(-1);
    if (last === undefined) throw new Error('nothing was opened');
    return last;
  }
}

const CONNECTED: ServerMessage = {
  type: 'connected',
  user_id: '0190f5c2-0000-7000-8000-000000000001',
  token_expires_at: '2026-02-07T10:00:00.000Z',
};
const PONG: ServerMessage = { type: 'pong', timestamp: '2026-02-07T09:00:00.000Z' };

function connected(): { world: FakeSurroundings; live: LiveConnection } {
  const world = new FakeSurroundings();
  const live = new LiveConnection(world);
  live.use('token-1');
  world.line.say(CONNECTED);
  return { world, live };
}

const subscribe = (market_ids: string[], channel: 'book' | 'price' | 'trades'): ClientMessage => ({
  action: 'subscribe',
  market_ids,
  channels: [channel],
});
const unsubscribe = (market_ids: string[], channel: 'book' | 'price' | 'trades'): ClientMessage => ({
  action: 'unsubscribe',
  market_ids,
  channels: [channel],
});
const refusal = (market_id: string, code: 'SUBSCRIPTION.LIMIT' | 'MARKET.NOT_FOUND'): ServerMessage => ({
  type: 'error',
  code,
  message: 'Not now.',
  market_id,
});

describe('a live connection', () => {
  it('is off until there is a token, and again without one', () => {
    const world = new FakeSurroundings();
    const live = new LiveConnection(world);
    expect([live.state.value, world.lines.length]).toEqual(['off', 0]);
    live.use('token-1');
    expect([live.state.value, world.line.token]).toEqual(['connecting', 'token-1']);
    world.line.say(CONNECTED);
    expect(live.state.value).toBe('live');
    live.use(null);
    expect([live.state.value, world.line.isLeft]).toEqual(['off', true]);
    world.pass(600_000);
    expect(world.lines).toHaveLength(1);
  });

  it('takes another token over a connection of its own, and asks for everything there', () => {
    const { world, live } = connected();
    live.watchMarket('rain', 'book');
    world.pass(50);
    live.use('token-1');
    expect(world.lines).toHaveLength(1);
    live.use('token-2');
    expect([world.lines[0]?.isLeft, world.line.token, live.state.value]).toEqual([true, 'token-2', 'connecting']);
    world.line.say(CONNECTED);
    expect(world.line.told).toEqual([subscribe(['rain'], 'book')]);
  });

  it('tries again after longer and longer waits, with some luck in them, until it holds', () => {
    const { world, live } = connected();
    const waits: number[] = [];
    for (let failure = 0; failure < 7; failure += 1) {
      world.line.close(1006);
      expect(live.state.value).toBe('lost');
      const before = world.lines.length;
      let waited = 0;
      while (world.lines.length === before) {
        world.pass(250);
        waited += 250;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);

    // One that ends as soon as it began was none.
    world.line.say(CONNECTED);
    world.line.close(1006);
    world.luck = 0;
    world.pass(14_999);
    const tried = world.lines.length;
    world.line.say(CONNECTED);
    world.pass(15_000);
    world.line.say(PONG);
    world.line.close(1001);
    world.pass(250);
    expect(world.lines).toHaveLength(tried + 1);
  });

  it('says why it was refused, waits, and tries again', () => {
    const { world, live } = connected();
    world.line.close(1008, 'Ten connections are enough.');
    expect([live.state.value, live.reason.value]).toEqual(['refused', 'Ten connections are enough']);
    world.pass(14_999);
    expect(world.lines).toHaveLength(1);
    world.pass(1);
    expect([world.lines.length, live.state.value]).toEqual([2, 'refused']);
    world.line.say(CONNECTED);
    expect([live.state.value, live.reason.value]).toEqual(['live', null]);
  });

  it('waits longer when the server has no time', () => {
    const { world } = connected();
    world.luck = 0;
    world.line.close(1013, 'You read too slowly.');
    world.pass(7_499);
    expect(world.lines).toHaveLength(1);
    world.pass(1);
    expect(world.lines).toHaveLength(2);
  });

  it('does not wait any longer when the network is back', () => {
    const { world, live } = connected();
    live.hurry();
    expect(world.lines).toHaveLength(1);
    world.line.close(1006);
    live.hurry();
    expect(world.lines).toHaveLength(2);
    live.hurry();
    world.pass(5_000);
    expect(world.lines).toHaveLength(2);
  });

  it('asks a silent server, and leaves it when nothing comes', () => {
    const { world, live } = connected();
    world.pass(15_000);
    expect(world.line.told).toEqual([{ action: 'ping' }]);
    world.line.say(PONG);
    world.pass(10_000);
    expect(world.line.told).toEqual([{ action: 'ping' }, { action: 'ping' }]);
    world.pass(10_000);
    expect([live.state.value, live.reason.value]).toEqual(['lost', 'Nothing came from the server any more']);
    expect(world.lines[0]?.isLeft).toBe(true);
    world.pass(500);
    expect(world.lines).toHaveLength(2);
  });

  it('leaves a server that takes the connection and never greets', () => {
    const world = new FakeSurroundings();
    const live = new LiveConnection(world);
    live.use('token-1');
    world.pass(15_000);
    expect([live.state.value, world.line.isLeft]).toEqual(['lost', true]);
  });

  it('tells listeners what it understands until they cease to listen', () => {
    const { world, live } = connected();
    const heard: string[] = [];
    const deafen = live.listen(({ type }) => heard.push(type));
    world.line.say(PONG);
    world.line.say('no json');
    world.line.say('{"type":"of a newer server"}');
    deafen();
    world.line.say(PONG);
    expect(heard).toEqual(['pong']);
  });
});

describe('what a live connection asks for', () => {
  it('is asked for once, however often it is watched, and ended with the last', () => {
    const { world, live } = connected();
    const first = live.watchMarket('rain', 'price');
    const second = live.watchMarket('rain', 'price');
    live.watchPortfolio('p1');
    world.pass(50);
    expect(world.line.told).toEqual([subscribe(['rain'], 'price'), { action: 'subscribe', portfolio_ids: ['p1'] }]);
    first();
    first();
    world.pass(50);
    expect(live.isWatched('rain', 'price')).toBe(true);
    expect(world.line.told).toHaveLength(2);
    second();
    world.pass(50);
    expect(live.isWatched('rain', 'price')).toBe(false);
    expect(world.line.told.slice(2)).toEqual([unsubscribe(['rain'], 'price')]);
  });

  it('goes in one message when a page follows another: first what ends, and nothing about what stays', () => {
    const { world, live } = connected();
    const ends = ['a', 'b', 'c'].map((id) => live.watchMarket(id, 'price'));
    world.pass(50);
    ends.forEach((end) => end());
    ['c', 'd', 'e'].forEach((id) => live.watchMarket(id, 'price'));
    world.pass(50);
    expect(world.line.told.slice(1)).toEqual([unsubscribe(['a', 'b'], 'price'), subscribe(['d', 'e'], 'price')]);
  });

  it('is asked for again on a new connection, as it is then', () => {
    const { world, live } = connected();
    const end = live.watchMarket('gone', 'book');
    live.watchMarket('rain', 'book');
    live.watchPortfolio('p1');
    world.pass(50);
    world.line.close(1006);
    end();
    live.watchMarket('snow', 'trades');
    world.pass(500);
    expect(world.line.told).toEqual([]);
    world.line.say(CONNECTED);
    expect(world.line.told).toEqual([
      subscribe(['rain'], 'book'),
      { action: 'subscribe', portfolio_ids: ['p1'] },
      subscribe(['snow'], 'trades'),
    ]);
  });

  it('goes in messages of a hundred names', () => {
    const { world, live } = connected();
    for (let at = 0; at < 250; at += 1) live.watchMarket(`market-${at}`, 'price');
    world.pass(50);
    const counts = world.line.told.map((message) => ('market_ids' in message ? message.market_ids?.length : 0));
    expect(counts).toEqual([100, 100, 50]);
  });

  it('is a whole book after a missed change, once for both outcomes and not for what nobody watches', () => {
    const { world, live } = connected();
    live.watchMarket('rain', 'book');
    live.watchMarket('rain', 'trades');
    world.pass(50);
    live.refresh('rain');
    live.refresh('rain');
    live.refresh('snow');
    world.pass(2_000);
    expect(world.line.told.slice(2)).toEqual([unsubscribe(['rain'], 'book'), subscribe(['rain'], 'book')]);
  });

  it('is told why it was refused, and asked for again where that may pass', () => {
    const { world, live } = connected();
    live.watchMarket('rain', 'price');
    const end = live.watchMarket('nowhere', 'price');
    world.pass(50);
    world.line.say(refusal('rain', 'SUBSCRIPTION.LIMIT'));
    world.line.say(refusal('nowhere', 'MARKET.NOT_FOUND'));
    expect([...live.refusals.value]).toEqual([
      ['rain', 'Not now.'],
      ['nowhere', 'Not now.'],
    ]);
    end();
    world.line.say(PONG);
    world.pass(50);
    expect([...live.refusals.value.keys()]).toEqual(['rain']);
    expect(world.line.told.slice(1)).toEqual([unsubscribe(['rain', 'nowhere'], 'price'), subscribe(['rain'], 'price')]);

    world.line.say(refusal('rain', 'SUBSCRIPTION.LIMIT'));
    const before = world.line.told.length;
    for (let seconds = 0; seconds < 30; seconds += 1) {
      world.pass(1_000);
      world.line.say(PONG);
    }
    expect(world.line.told.slice(before).filter(({ action }) => action === 'subscribe')).toEqual([
      subscribe(['rain'], 'price'),
    ]);
    world.line.say({ type: 'subscribed', market_ids: ['rain'], channels: ['price'], portfolio_ids: [] });
    expect(live.refusals.value.size).toBe(0);
  });
});
