import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

export type Reply =
  | { status?: number; headers?: Record<string, string>; json?: unknown; body?: string | Buffer }
  | ((response: ServerResponse, request: SeenRequest) => void);

/** An HTTP server that answers as the test says and remembers what was asked and over how many connections. */
export class ScriptedVenue {
  readonly requests: SeenRequest[] = [];
  connections = 0;
  openConnections = 0;
  mostOpenConnections = 0;
  private readonly server: Server;
  private readonly replies: Reply[] = [];
  private always: Reply = { status: 404, json: { error: 'not scripted' } };

  constructor() {
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on('connection', (socket) => {
      this.connections += 1;
      this.openConnections += 1;
      this.mostOpenConnections = Math.max(this.mostOpenConnections, this.openConnections);
      socket.on('close', () => (this.openConnections -= 1));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next answers, one each; afterwards the standing one. */
  script(...replies: Reply[]): void {
    this.replies.push(...replies);
  }

  /** What is answered when the script is over. */
  answerAlways(reply: Reply): void {
    this.always = reply;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://venue');
    const seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    };
    this.requests.push(seen);
    const reply = this.replies.shift() ?? this.always;
    if (typeof reply === 'function') return reply(response, seen);
    const body = reply.body ?? JSON.stringify(reply.json ?? null);
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(body);
  }
}
