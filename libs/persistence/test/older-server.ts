import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const FIELD = Buffer.from('\x10maxWireVersion\0', 'latin1');
/** MongoDB 7's. */
const OLDER = 21;

/** A server that passes everything on to another one, and says in its name to be MongoDB 7. */
export interface OlderServer {
  readonly uri: string;
  close(): Promise<void>;
}

export async function startOlderServer(uri: string): Promise<OlderServer> {
  const { hostname, port } = new URL(uri);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (piece) => upstream.write(piece));
    upstream.on('data', (piece: Buffer) => client.write(older(piece)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The answer to a hello is short enough to come in one piece. */
function older(piece: Buffer): Buffer {
  const at = piece.indexOf(FIELD);
  if (at >= 0) piece.writeInt32LE(Math.min(piece.readInt32LE(at + FIELD.length), OLDER), at + FIELD.length);
  return piece;
}
