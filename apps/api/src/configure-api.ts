import { toExactJson } from '@app/domain';
import { configureHttp, type HttpConfig, Metrics } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { serveConsole } from './console/serve-console';
import { API_VERSION } from './health/health.service';
import { buildOpenApiDocument } from './openapi/openapi-document';
import { LiveWsAdapter } from './live/live-ws.adapter';
import { secureAnswers } from './security-headers';

/** On answers about markets, and about portfolios that trade in them, while they come from a simulated venue. */
export const MARKET_DATA_HEADER = 'x-market-data';

export interface ApiFiles {
  /** Where the built console is. */
  consoleFolder: string;
}

/** Sets up what belongs to the HTTP server rather than to a route. Call it once, before `listen`. */
export function configureApi(
  app: NestFastifyApplication,
  config: Pick<HttpConfig, 'CORS_ORIGINS'>,
  files?: ApiFiles,
): void {
  configureHttp(app, config, app.get(Metrics));
  app.getHttpAdapter().getInstance().setReplySerializer(toExactJson);
  secureAnswers(app);
  app.useWebSocketAdapter(new LiveWsAdapter(app));
  if (files !== undefined) serveConsole(app, files.consoleFolder);
  labelSimulatedAnswers(app, app.get(PolymarketClient, { strict: false }));
  let document: OpenAPIObject | undefined;
  // Built when it is first asked for, and once.
  SwaggerModule.setup(
    'docs',
    app,
    () => (document ??= buildOpenApiDocument(app, app.get<string>(API_VERSION, { strict: false }))),
    {
      customSiteTitle: 'PaperTradingPM API',
    },
  );
}

const SHOWS_MARKET_DATA = /^\/(?:markets|market-stream|portfolios)(?:[/?]|$)/;

function labelSimulatedAnswers(app: NestFastifyApplication, { venue }: PolymarketClient): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (venue.simulated === true && SHOWS_MARKET_DATA.test(request.url)) {
        reply.header(MARKET_DATA_HEADER, 'simulated');
      }
      done();
    });
}
