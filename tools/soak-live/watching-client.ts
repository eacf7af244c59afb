import { type ServerMessage, serverMessageSchema } from '@app/contracts';
import { WebSocket } from 'ws';
import { BookMirror } from './book-mirror';

/** A client of `/ws/live` that keeps the books of some tokens, and nothing else of what it was told but counts. */
export class WatchingClient {
  readonly mirrors: ReadonlyMap<string, BookMirror>;
  readonly problems: string[] = [];
  messages = 0;
  fills = 0;
  closed: string | null = null;
  private readonly socket: WebSocket;

  constructor(url: string, token: string, tokenIds: readonly string[], portfolioIds: readonly string[]) {
    this.mirrors = new Map(tokenIds.map((tokenId) => [tokenId, new BookMirror(tokenId)]));
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws/live?token=${token}`, { perMessageDeflate: false });
    this.socket.on('open', () => {
      const subscription = {
        market_ids: tokenIds,
        ...(portfolioIds.length > 0 ? { portfolio_ids: portfolioIds } : {}),
      };
      this.socket.send(JSON.stringify({ action: 'subscribe', ...subscription }));
    });
    this.socket.on('message', (data: Buffer) => this.take(data.toString()));
    this.socket.on('close', (code, reason) => (this.closed = `${code} ${reason.toString()}`));
    this.socket.on('error', (error) => this.problems.push(error.message));
  }

  get resyncs(): number {
    return [...this.mirrors.values()].reduce((sum, { resyncs }) => sum + resyncs, 0);
  }

  /** Everything that was not as it should be, so far. */
  complaints(): string[] {
    return [...this.problems, ...[...this.mirrors.values()].flatMap(({ problems }) => problems)];
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  leave(): void {
    this.socket.terminate();
  }

  private take(text: string): void {
    this.messages += 1;
    const message = serverMessageSchema.safeParse(JSON.parse(text));
    if (message.success) this.hear(message.data);
    else this.problems.push(`a message of no published shape: ${text.slice(0, 200)}`);
  }

  private hear(message: ServerMessage): void {
    if (message.type === 'error') this.problems.push(message.message);
    if (message.type === 'fill') this.fills += 1;
    if ('token_id' in message && message.token_id !== undefined) this.mirrors.get(message.token_id)?.take(message);
  }
}
