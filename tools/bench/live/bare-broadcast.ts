import { runProcess } from '@app/platform';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

interface WireChange {
  price: string;
  size: string;
}

/**
 * What cannot be done with less: hears the market channel, and sends every client of its own the bytes the gateway would send, once made. No book, no checks, no bounds.
 * Told as arguments: the channel's address, a token, and a message of the gateway's to copy.
 */
void runProcess(async () => {
  const [url = '', tokenId = '', example = '{}'] = process.argv.slice(2);
  const model = JSON.parse(example) as Record<string, unknown>;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (client) => client.send('{"type":"orderbook"}'));
  const venue = new WebSocket(url, { perMessageDeflate: false });
  await once(venue, 'open');
  venue.send(JSON.stringify({ type: 'market', assets_ids: [tokenId] }));
  let sequence = 1_000;
  venue.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { timestamp: string; price_changes?: WireChange[] };
    const change = message.price_changes?.[0];
    if (change === undefined) return;
    sequence += 1;
    const changes = [{ side: 'bid', price: Number(change.price), size: Number(change.size) }];
    const timestamp = new Date(Number(message.timestamp)).toISOString();
    const bytes = Buffer.from(JSON.stringify({ ...model, sequence, timestamp, changes }));
    for (const client of server.clients) client.send(bytes, { binary: false });
  });
  return {
    stop: async () => {
      venue.terminate();
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
    ready: { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` },
  };
});
