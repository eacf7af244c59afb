import type { ServerMessage } from '@app/contracts';
import { toExactJson } from '@app/domain';

/** The part of a WebSocket that is written to. */
export interface LiveSocket {
  /** Bytes given to it that the network has not taken. */
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: Buffer, options: { binary: boolean }): void;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
}

const OPEN = 1;

/** What is on its way to one client, within bounds. */
export class Outbox {
  private sent = 0;

  /** @param onOverflow called instead of sending when the bytes on their way would pass the limit */
  constructor(
    private readonly socket: LiveSocket,
    private readonly limits: { behindBytes: number; mostUnsentBytes: number },
    private readonly onOverflow: () => void,
  ) {}

  /** Whether the client reads too slowly to be told everything. */
  get isBehind(): boolean {
    return this.socket.bufferedAmount > this.limits.behindBytes;
  }

  /** Sends an encoded message. */
  send(frame: Buffer): void {
    if (this.socket.readyState !== OPEN) return;
    if (this.socket.bufferedAmount > this.limits.mostUnsentBytes) return this.onOverflow();
    this.sent += 1;
    this.socket.send(frame, { binary: false });
  }

  /** Returns how many messages were sent since this was last asked. */
  takeSent(): number {
    const { sent } = this;
    this.sent = 0;
    return sent;
  }

  say(message: ServerMessage): void {
    this.send(Buffer.from(toExactJson(message)));
  }
}
