import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ANY_PORT } from '../config/fragments';
import type { Metrics } from '../metrics/metrics';
import { type HttpReply, type HttpRequest, ProblemDetailsFilter } from '../problems/problem-details.filter';
import { StartError } from '../process/start-error';
import { answerClientError } from './client-error';
import { withExactNumbers } from './exact-json';
import { requestIdOf } from './request-id';

/** The values of `httpEnv`. */
export interface HttpConfig {
  PORT: number;
  HOST: string;
  CORS_ORIGINS: string[];
  TRUSTED_PROXIES: string[];
}

const BODY_LIMIT_BYTES = 256 * 1024;
/** A hundred token ids of 78 digits. */
const LONGEST_PATH_PARAMETER = 8_192;

const CORS_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** What a page of another origin may read besides the headers browsers always show. */
const CORS_EXPOSED_HEADERS = [
  'retry-after',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'x-request-id',
  'x-market-data',
  'x-served-stale',
  'idempotency-replayed',
];
const CORS_PREFLIGHT_KEPT_SECONDS = 600;

/** Returns the Fastify adapter every HTTP process uses: limits on what a request may be, proxies trusted by name only. */
export function createHttpAdapter(config: Pick<HttpConfig, 'TRUSTED_PROXIES'>): FastifyAdapter {
  const filter = new ProblemDetailsFilter();
  const adapter = new FastifyAdapter({
    trustProxy: config.TRUSTED_PROXIES.length > 0 ? config.TRUSTED_PROXIES : false,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: LONGEST_PATH_PARAMETER },
    requestIdHeader: false,
    genReqId: requestIdOf,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: HttpRequest, reply: unknown) =>
      filter.answer(error, request, reply as HttpReply),
  });
  const parseJson = adapter.getInstance().getDefaultJsonParser('error', 'error');
  adapter.useBodyParser('application/json', false, { bodyLimit: BODY_LIMIT_BYTES }, (request, body, done) => {
    const text = body.toString('utf8');
    void parseJson(request, text, (error, value: unknown) => {
      if (error !== null) return done(error);
      let exact: unknown;
      try {
        exact = withExactNumbers(text, value);
      } catch (refusal) {
        return done(refusal as Error);
      }
      done(null, exact);
    });
  });
  return adapter;
}

/** Opens the app to the origins of the configuration, tells every request's id and measures it. Call it before `listen`. */
export function configureHttp(
  app: NestFastifyApplication,
  config: Pick<HttpConfig, 'CORS_ORIGINS'>,
  metrics: Metrics,
): void {
  const origins = config.CORS_ORIGINS;
  if (origins.length > 0) {
    app.enableCors({
      origin: origins.includes('*') ? true : origins.map(toOriginRule),
      methods: CORS_METHODS,
      // An OPTIONS request that is no preflight is answered like one: there is nothing else it could mean here.
      strictPreflight: false,
      exposedHeaders: CORS_EXPOSED_HEADERS,
      maxAge: CORS_PREFLIGHT_KEPT_SECONDS,
    });
  }
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id);
      done();
    })
    .addHook('onResponse', (request, reply, done) => {
      const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
      metrics.observeHttp(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
}

/** An origin as configured, or every port of a host for `http://localhost:*`. */
function toOriginRule(origin: string): string | RegExp {
  if (!origin.endsWith(ANY_PORT)) return origin;
  const host = origin.slice(0, -ANY_PORT.length).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${host}(:\\d{1,5})?$`);
}

/**
 * Starts listening and returns the port, which is a free one when PORT is 0.
 * @throws StartError with what to do when the address cannot be listened on
 */
export async function listenHttp(
  app: NestFastifyApplication,
  config: Pick<HttpConfig, 'PORT' | 'HOST'>,
): Promise<number> {
  try {
    await app.listen(config.PORT, config.HOST);
  } catch (err) {
    throw listenError(err, config);
  }
  const address: unknown = app.getHttpServer().address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : config.PORT;
}

/** Returns a `StartError` that says what to do about a failed listen, or the error itself when it is another one. */
export function listenError(err: unknown, config: Pick<HttpConfig, 'PORT' | 'HOST'>): unknown {
  const code = typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${config.PORT} on ${config.HOST} is already in use. Stop the other program, or choose another port: PORT=${
          config.PORT + 1 > 65_535 ? 8001 : config.PORT + 1
        }.`,
        { cause: err },
      );
    case 'EACCES':
      return new StartError(`Port ${config.PORT} may not be opened by this user. Choose one above 1023 with PORT.`, {
        cause: err,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${config.HOST} is not an address of this machine. Set HOST to 127.0.0.1 or 0.0.0.0.`, {
        cause: err,
      });
    default:
      return err;
  }
}
