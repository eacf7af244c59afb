import { WebSocket } from 'ws';

/** A client that leaves so much unread is cut off, as at the venue. */
const UNREAD_MAX_BYTES = 64_000_000;

interface Drip {
  bytes: number;
  everyMs: number;
}

interface Waiting {
  content: Buffer;
  isBinary: boolean;
  dueMs: number;
  sent: number;
}

/** What goes to one client, in order: at once, or later, or in pieces. */
export class Outbox {
  private latencyMs = 0;
  private drip: Drip | null = null;
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly socket: WebSocket) {}

  get unreadBytes(): number {
    return this.socket.bufferedAmount + this.waitingBytes;
  }

  send(content: string | Buffer, isBinary = false): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.unreadBytes > UNREAD_MAX_BYTES) return this.socket.terminate();
    if (this.waiting.length === 0 && this.latencyMs === 0 && this.drip === null) {
      this.socket.send(content, { binary: isBinary });
      return;
    }
    const bytes = Buffer.from(content);
    this.waiting.push({ content: bytes, isBinary, dueMs: performance.now() + this.latencyMs, sent: 0 });
    this.waitingBytes += bytes.length;
    this.schedule();
  }

  delay(ms: number): void {
    this.latencyMs = ms;
  }

  dripBy(drip: Drip): void {
    this.drip = drip;
  }

  /** What waits goes out at once. */
  heal(): void {
    this.latencyMs = 0;
    this.drip = null;
    for (const waiting of this.waiting) waiting.dueMs = 0;
    this.reschedule();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  private reschedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.schedule();
  }

  private schedule(): void {
    const next = this.waiting[0];
    if (this.timer !== null || next === undefined) return;
    const pieceMs = next.sent > 0 ? (this.drip?.everyMs ?? 0) : 0;
    this.timer = setTimeout(() => this.pump(), Math.max(pieceMs, next.dueMs - performance.now(), 0));
  }

  private pump(): void {
    this.timer = null;
    const next = this.waiting[0];
    if (next === undefined || this.socket.readyState !== WebSocket.OPEN) return this.close();
    const size = this.drip?.bytes ?? next.content.length;
    const piece = next.content.subarray(next.sent, next.sent + size);
    next.sent += piece.length;
    this.waitingBytes -= piece.length;
    const fin = next.sent >= next.content.length;
    this.socket.send(piece, { binary: next.isBinary, fin });
    if (fin) this.waiting.shift();
    this.schedule();
  }
}
