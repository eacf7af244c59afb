import { WsAdapter } from '@nestjs/platform-ws';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';

/** Headers by which a request asks for another protocol. */
const UPGRADE_HEADERS = new Set(['connection', 'upgrade', 'http2-settings']);

/**
 * Raw WebSockets beside the HTTP server. Messages are read by each connection's session, one after the other and within its limits, so that Nest's own dispatch, which
 * knows neither, is left out; and what clients do wrong on the wire does not fill the log.
 */
export class LiveWsAdapter extends WsAdapter {
  override bindMessageHandlers(): void {
    // The session reads its socket.
  }

  override bindErrorHandler(server: WebSocketServer): WebSocketServer {
    return server.on('error', (err: Error) => this.logger.error({ err, msg: 'The WebSocket server failed' }));
  }

  /**
   * Takes WebSockets to the paths of gateways. Once somebody listens for upgrades, Node hands every request over that offers one, `Upgrade: h2c` too; all others are
   * given back, to be answered as the ordinary requests they also are.
   */
  protected override ensureHttpServerExists(port: number, server?: Server): undefined {
    if (server === undefined || this.httpServersRegistry.has(port)) return;
    this.httpServersRegistry.set(port, server);
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const gateway = isWebSocket(request) ? this.findGateway(port, request) : undefined;
      if (gateway === undefined) return giveBack(server, request, socket, head);
      gateway.handleUpgrade(request, socket, head, (client) => gateway.emit('connection', client, request));
    });
  }

  private findGateway(port: number, { url = '' }: IncomingMessage): WebSocketServer | undefined {
    const [path] = url.split('?', 1);
    const gateways = (this.wsServersRegistry.get(port) ?? []) as (WebSocketServer & { path: string })[];
    return gateways.find((gateway) => gateway.path === path);
  }
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Lets the server read a request again, without its offer. */
function giveBack(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[at + 1] ?? ''}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
