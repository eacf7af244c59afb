import { DomainError, type Portfolio } from '@app/domain';
import { DEFAULT_LIVE_OPTIONS } from './live.options';
import { LiveSession } from './live-session';
import type { LiveSocket } from './outbox';
import type { SessionServices } from './session-services';

const CALLER = {
  id: 'ann',
  role: 'user',
  tokenVersion: 1,
  tokenExpiresAt: new Date(3_600_000),
} as unknown as LiveSession['caller'];
const PORTFOLIO = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e20';
const SUBSCRIBE = JSON.stringify({ action: 'subscribe', portfolio_ids: [PORTFOLIO] });

class ToldSocket implements LiveSocket {
  readonly bufferedAmount = 0;
  readyState = 1;
  readonly told: string[] = [];
  readonly closed: [number, string][] = [];

  send(data: Buffer): void {
    this.told.push(data.toString('utf8'));
  }

  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
    this.readyState = 2;
  }

  terminate(): void {
    throw new Error('nobody terminates it');
  }

  ping(): void {
    throw new Error('nobody pings it');
  }
}

/** A session whose portfolios are found when the test lets them. */
function aSession(): { socket: ToldSocket; session: LiveSession; find: () => void; asked: () => number } {
  const socket = new ToldSocket();
  const waiting: (() => void)[] = [];
  let asked = 0;
  const get = (): Promise<Portfolio> => {
    asked += 1;
    return new Promise((_, reject) =>
      waiting.push(() => reject(new DomainError('PORTFOLIO.NOT_FOUND', 'There is none.'))),
    );
  };
  const events = {
    marketsOfAccount: () => 0,
    onBehind: () => undefined,
    onResync: () => undefined,
    onCutOff: () => undefined,
  };
  const services = { portfolios: { get } } as unknown as SessionServices;
  const options = { ...DEFAULT_LIVE_OPTIONS, messagesAllowed: 5, messageWindowMs: 1 };
  const session = new LiveSession(socket, CALLER, services, options, events, 0);
  return { socket, session, find: () => waiting.splice(0).forEach((found) => found()), asked: () => asked };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LiveSession', () => {
  it('ends a client whose messages wait in ever greater numbers, and handles none of them any more', async () => {
    const { socket, session, find, asked } = aSession();
    for (let sent = 0; sent < 5; sent += 1) session.receive(SUBSCRIBE, sent);
    await settled();
    expect([asked(), socket.closed]).toEqual([1, []]);
    session.receive(SUBSCRIBE, 5);
    expect(socket.closed).toEqual([[1008, expect.stringContaining('More than 5 messages wait')]]);
    find();
    await settled();
    expect([asked(), socket.told]).toEqual([1, []]);
  });
});
