import { WebSocket } from 'ws';

/** Connections opened at a time. */
const AT_ONCE = 25;
const OTHER_LENGTH = 600;
/** Below it are sizes of the venue's own. */
export const FIRST_NUMBER = 100_000_000;

/** When messages were sent, and how long each listener waited for them. */
export class Stopwatch {
  private readonly sentAt: number[] = [];
  private waits: number[] = [];
  /** The beginning of the last message that was no delta. */
  lastOther = 'nothing';

  /** Starts the next message's time; returns its number. */
  start(): number {
    this.sentAt.push(performance.now());
    return FIRST_NUMBER + this.sentAt.length - 1;
  }

  /** Takes in what a listener was told. */
  hear(data: Buffer): void {
    const sentAt = this.sentAt[numberOf(data) - FIRST_NUMBER];
    if (sentAt !== undefined) this.waits.push(performance.now() - sentAt);
    else if (!data.includes('book_delta')) this.lastOther = data.subarray(0, OTHER_LENGTH).toString();
  }

  get count(): number {
    return this.waits.length;
  }

  /** Takes the waits so far, ms, shortest first. */
  take(): Float64Array {
    const taken = Float64Array.from(this.waits).sort();
    this.waits = [];
    return taken;
  }
}

/** Opens connections a few at a time; each is ready when the server has said what it waits for. */
export async function openSockets(count: number, open: (index: number) => Promise<WebSocket>): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => open(from + index));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

/**
 * Connects, sends `first`, and resolves at the message that `isReady` accepts; every message after it goes to `hear`.
 */
export function connectSocket(
  url: string,
  first: object | null,
  isReady: (text: string) => boolean,
  hear: (data: Buffer) => void,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    let ready = false;
    socket.on('open', () => {
      if (first !== null) socket.send(JSON.stringify(first));
    });
    socket.on('message', (data: Buffer) => {
      if (ready) return hear(data);
      const text = data.toString();
      if (text.includes('"type":"error"')) reject(new Error(text));
      if (!isReady(text)) return;
      ready = true;
      resolve(socket);
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      if (!ready) reject(new Error(`closed with ${code} ${reason.toString()}`));
    });
  });
}

const MARK = Buffer.from('"size":');

/** The last size a message tells, which is the message's number. */
export function numberOf(data: Buffer): number {
  const at = data.lastIndexOf(MARK);
  let number = 0;
  for (let index = at + MARK.length; at >= 0 && index < data.length; index += 1) {
    const digit = (data[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
