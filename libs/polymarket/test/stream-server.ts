import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** An operation as the market socket is sent it. */
export interface SeenOperation {
  assets_ids: string[];
  type?: string;
  operation?: string;
  custom_feature_enabled?: boolean;
  initial_dump?: boolean;
  level?: number;
}

/** One client of the server, in order of connecting. */
export class SeenClient {
  readonly operations: SeenOperation[] = [];
  pings = 0;
  /** The tokens it is subscribed to. */
  readonly tokens = new Set<string>();
  isClosed = false;

  constructor(
    readonly socket: WebSocket,
    readonly request: IncomingMessage,
  ) {}

  send(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** Sends bytes as they are, past the protocol. */
  write(bytes: Buffer): void {
    this.request.socket.write(bytes);
  }

  say(...messages: object[]): void {
    for (const message of messages) this.send(JSON.stringify(message));
  }
}

/** A market socket that answers pings, knows who subscribed to what, and sends what the test says. */
export class StreamServer {
  readonly clients: SeenClient[] = [];
  answersPings = true;
  /** Refuses new connections with this status. */
  refusesWith: number | null = null;
  url = '';
  private readonly server: WebSocketServer;

  private constructor(port: number) {
    this.server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      verifyClient: (_info: unknown, answer: (isWelcome: boolean, status?: number) => void) =>
        answer(this.refusesWith === null, this.refusesWith ?? undefined),
    });
    this.server.on('connection', (socket, request) => this.serve(new SeenClient(socket, request)));
  }

  static async start(port = 0): Promise<StreamServer> {
    const stream = new StreamServer(port);
    await new Promise<void>((resolve) => stream.server.once('listening', resolve));
    stream.url = `ws://127.0.0.1:${(stream.server.address() as AddressInfo).port}/ws/market`;
    return stream;
  }

  get open(): SeenClient[] {
    return this.clients.filter(({ isClosed }) => !isClosed);
  }

  async stop(): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: SeenClient): void {
    this.clients.push(client);
    client.socket.on('close', () => (client.isClosed = true));
    client.socket.on('error', () => client.socket.terminate());
    client.socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      if (text !== 'PING') return this.operate(client, JSON.parse(text) as SeenOperation);
      client.pings += 1;
      if (this.answersPings) client.send('PONG');
    });
  }

  private operate(client: SeenClient, operation: SeenOperation): void {
    client.operations.push(operation);
    for (const tokenId of operation.assets_ids) {
      if (operation.operation === 'unsubscribe') client.tokens.delete(tokenId);
      else client.tokens.add(tokenId);
    }
  }
}
