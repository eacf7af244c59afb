import { HealthRegistry, Metrics, StartError } from '@app/platform';
import type { INestApplicationContext } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of a worker's metrics and health, for those who watch it. */
export interface MetricsServer {
  /** `http://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` in the Prometheus text format and `GET /health`: 503 while something essential is down.
 * @throws StartError when it cannot listen there
 */
export async function startMetricsServer(
  app: INestApplicationContext,
  { host, port }: { host: string; port: number },
): Promise<MetricsServer> {
  const metrics = app.get(Metrics, { strict: false });
  const health = app.get(HealthRegistry, { strict: false });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' || (path !== '/metrics' && path !== '/health')) {
      response.writeHead(404).end();
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(await metrics.registry.metrics());
    } else {
      const { status, isReady, checks } = await health.check();
      const body = JSON.stringify({ status, checks });
      response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' }).end(body);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (err) {
    throw new StartError(
      `Metrics cannot be served at ${host}:${port}: ${(err as Error).message}. Set LIVE_METRICS_PORT to a free port, or leave it unset.`,
      { cause: err },
    );
  }
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
