import { listenError } from '@app/platform';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Makes sure that the api will be able to listen, before anything else is started.
 * @throws StartError that says what to do about it
 */
export async function assertPortFree(address: { PORT: number; HOST: string }): Promise<void> {
  const server = createServer();
  try {
    server.listen(address.PORT, address.HOST);
    await once(server, 'listening');
  } catch (err) {
    throw listenError(err, address);
  }
  server.close();
  await once(server, 'close');
}
