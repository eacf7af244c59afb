import { type LiveSocket, Outbox } from './outbox';

/** A socket with so many bytes on their way, which counts what it is given. */
class CountingSocket implements LiveSocket {
  readyState = 1;
  bufferedAmount = 0;
  sent = 0;

  send(): void {
    this.sent += 1;
  }

  close(): void {
    throw new Error('nobody closes it');
  }

  terminate(): void {
    throw new Error('nobody terminates it');
  }

  ping(): void {
    throw new Error('nobody pings it');
  }
}

describe('Outbox', () => {
  it('sends until the limit of what may be on its way, and counts what it sent', () => {
    const socket = new CountingSocket();
    let overflows = 0;
    const outbox = new Outbox(socket, { behindBytes: 10, mostUnsentBytes: 100 }, () => (overflows += 1));
    const tried: [number, boolean][] = [];
    for (const bytes of [0, 10, 11, 100, 101]) {
      socket.bufferedAmount = bytes;
      tried.push([bytes, outbox.isBehind]);
      outbox.send(Buffer.from('{}'));
    }
    expect(tried).toEqual([
      [0, false],
      [10, false],
      [11, true],
      [100, true],
      [101, true],
    ]);
    expect([socket.sent, overflows]).toEqual([4, 1]);
    expect([outbox.takeSent(), outbox.takeSent()]).toEqual([4, 0]);
  });

  it('sends nothing on a connection that is closing', () => {
    const socket = new CountingSocket();
    socket.readyState = 2;
    new Outbox(socket, { behindBytes: 10, mostUnsentBytes: 100 }, () => undefined).send(Buffer.from('{}'));
    expect(socket.sent).toBe(0);
  });
});
