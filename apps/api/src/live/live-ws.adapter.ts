import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocketServer } from 'ws';

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
}
