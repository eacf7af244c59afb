import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClobSource, ClobRoutes } from './clob-routes';
import { ControlRoutes } from './control-routes';
import { type DataSource, DataRoutes } from './data-routes';
import { GammaRoutes } from './gamma-routes';
import type { GammaCatalogue } from './gamma-catalogue';
import { type Answer, bodyBytes, type Call, json, text } from './http/answer';
import { Faults, spoil } from './http/faults';
import { RateLimits } from './http/rate-limits';
import { type KeysetPage, RequestLog, type RequestReport } from './http/request-log';
import { readRecordings } from './replay/recordings';
import { ReplayCatalogue } from './replay/replay-catalogue';
import { ReplayVenue } from './replay/replay-venue';
import { Flow } from './stream/flow';
import type { StreamSource } from './stream/frame';
import { LiveBooks } from './stream/live-books';
import { MarketFeed, refuseUpgrade } from './stream/market-feed';
import { StreamControl } from './stream/stream-control';
import { WorldCatalogue } from './world/world-catalogue';
import { World } from './world/world';
import { WorldVenue } from './world/world-venue';

/** The default epoch: what a simulator starts at when it is told nothing else. */
export const DEFAULT_EPOCH = new Date('2026-11-01T12:00:00Z');

const MARKET_STREAM = '/ws/market';

/** Requests with a larger body are refused. */
const BODY_MAX_BYTES = 4_000_000;

export interface SimulatorOptions {
  /** 20,000 when left out. */
  markets?: number;
  seed?: number;
  /** The moment the world is generated around; same seed, size and epoch give the same world. */
  epoch?: Date;
  /** Milliseconds of the world's clock; left out: it stands at the epoch and moves by the control port only. */
  clock?: () => number;
  /** Added to every answer but the control port's. */
  latencyMs?: number;
  /** The venue's limits per 10 s; off when left out. */
  rateLimit?: boolean;
  /** Moves a second in each market somebody is subscribed to; left out, they move by the control port only. */
  flowPerSecond?: number;
  /** Serves recorded payloads instead of a generated world. */
  recordings?: {
    dir: string;
    /** Gamma files to serve, relative to the folder, `*` allowed; all of them when left out. */
    gamma?: readonly string[];
  };
}

/** A running stand-in for the venue. URLs carry the family's prefix and no trailing slash. */
export interface Simulator {
  readonly url: string;
  readonly gammaUrl: string;
  readonly clobUrl: string;
  readonly dataUrl: string;
  readonly controlUrl: string;
  /** Of the market channel, `ws://…/ws/market`. */
  readonly marketStreamUrl: string;
  readonly marketCount: number;
  /** What was asked since the start or the last reset. */
  requests(): RequestReport;
  /** Breaks open connections and stops listening; may be called again. */
  stop(): Promise<void>;
}

interface Family {
  answer(call: Call): Answer;
}

/** Builds the world and listens. @param listen port 0 takes any free one */
export async function createSimulator(
  options: SimulatorOptions = {},
  listen: { port?: number; host?: string } = {},
): Promise<Simulator> {
  const venue = options.recordings === undefined ? simulate(options) : replay(options.recordings);
  const { catalogue } = venue;
  const log = new RequestLog();
  const faults = new Faults();
  const feed = new MarketFeed(venue.stream);
  const stream = new StreamControl(feed, venue.moving);
  const families: Record<string, Family> = {
    gamma: new GammaRoutes(catalogue),
    clob: new ClobRoutes(venue.source),
    data: new DataRoutes(venue.source),
    control: new ControlRoutes(log, faults, catalogue, venue.moving?.world ?? null, stream),
  };
  const host = listen.host ?? '127.0.0.1';
  const door = new FrontDoor(families, log, faults, options.rateLimit === true, options.latencyMs ?? 0);
  const server = createServer((request, response) => void door.serve(request, response));
  server.keepAliveTimeout = 60_000;
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] === MARKET_STREAM) feed.upgrade(request, socket, head);
    else refuseUpgrade(socket, 404);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port ?? 0, host, resolve);
  });
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    gammaUrl: `${url}/gamma`,
    clobUrl: `${url}/clob`,
    dataUrl: `${url}/data`,
    controlUrl: `${url}/control`,
    marketStreamUrl: `${url.replace('http', 'ws')}${MARKET_STREAM}`,
    get marketCount() {
      return catalogue.marketCount;
    },
    requests: () => log.report(),
    stop: () => {
      venue.moving?.flow.stop();
      feed.stop();
      return stopServer(server);
    },
  };
}

/** What stands behind the routes. */
interface Venue {
  catalogue: GammaCatalogue;
  source: ClobSource & DataSource;
  stream: StreamSource;
  /** Null in replay. */
  moving: { world: World; books: LiveBooks; flow: Flow } | null;
}

function simulate(options: SimulatorOptions): Venue {
  const world = new World({
    seed: options.seed ?? 1,
    markets: options.markets ?? 20_000,
    epoch: options.epoch ?? DEFAULT_EPOCH,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const books = new LiveBooks(world);
  const flow = new Flow(books, options.flowPerSecond ?? 0);
  return {
    catalogue: new WorldCatalogue(world),
    source: new WorldVenue(world, books),
    stream: books,
    moving: { world, books, flow },
  };
}

function replay(options: NonNullable<SimulatorOptions['recordings']>): Venue {
  const recordings = readRecordings(options.dir, options.gamma ?? []);
  const catalogue = new ReplayCatalogue(recordings);
  const source = new ReplayVenue(recordings, catalogue);
  // Recorded books are shown, and stand still.
  const stream: StreamSource = {
    follow: (tokenId) => source.book(tokenId),
    unfollow: () => undefined,
    listen: () => undefined,
  };
  return { catalogue, source, stream, moving: null };
}

function stopServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Takes requests apart, applies limits, latency and faults, and writes answers. */
class FrontDoor {
  private readonly limits = new RateLimits();

  constructor(
    private readonly families: Record<string, Family>,
    private readonly log: RequestLog,
    private readonly faults: Faults,
    private readonly limited: boolean,
    private readonly latencyMs: number,
  ) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.handle(request, response);
    } catch (error) {
      send(
        response,
        json(
          { error: error instanceof Error ? `Internal server error: ${error.message}` : 'Internal server error' },
          500,
        ),
      );
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', rawQuery = ''] = splitOnce(request.url ?? '/', '?');
    const [, name = '', rest] = /^\/([a-z]+)(\/.*)?$/.exec(path) ?? [];
    const family = this.families[name];
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (body === null) return send(response, json({ error: 'Payload exceeds the limit' }, 413));
    const call: Call = { method, path: rest ?? '/', query: new URLSearchParams(rawQuery), body };
    if (family === undefined) return send(response, text('404 page not found\n', 404));
    if (name === 'control') return send(response, family.answer(call));

    this.log.record(method, path, rawQuery);
    const late = await this.slowDown(name, call.path, response);
    if (late) return;
    const fault = this.faults.take(path);
    await pause(this.latencyMs + (fault?.kind === 'latency' ? fault.ms : 0), response);
    if (fault?.kind === 'hang') return;
    const plain = fault?.kind === 'status' ? json({}) : family.answer(call);
    const answer = fault === null ? plain : spoil(fault, plain, call);
    this.log.answered(answer.status);
    const page = path.endsWith('/keyset') ? this.log.page(describePage(path, call, answer)) : null;
    if (page !== null) response.once('finish', () => (page.completed = fault?.kind !== 'drop'));
    if (fault?.kind === 'drop') return dropMidway(response, answer);
    send(response, answer);
  }

  /** Applies the venue's limits; true when the request was refused. */
  private async slowDown(family: string, path: string, response: ServerResponse): Promise<boolean> {
    if (!this.limited) return false;
    const admission = this.limits.admit(family, path, performance.now());
    if (admission.admitted) {
      await pause(admission.waitMs, response);
      return false;
    }
    this.log.answered(429);
    const headers = { 'retry-after': admission.retryAfterSeconds.toString() };
    send(response, { ...json({ error: 'Too Many Requests' }, 429), headers });
    return true;
  }
}

function splitOnce(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

/** Waits, or less when the client leaves. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function headersOf(answer: Answer, length: number): Record<string, string | number> {
  return {
    'content-type': answer.contentType === 'text/plain' ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': length,
    'x-simulated': 'true',
    ...answer.headers,
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const body = bodyBytes(answer);
  response.writeHead(answer.status, headersOf(answer, body.length));
  response.end(body);
}

function dropMidway(response: ServerResponse, answer: Answer): void {
  const body = bodyBytes(answer);
  response.writeHead(answer.status, headersOf(answer, body.length));
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

const CURSOR_PARAMETERS = new Set(['after_cursor', 'limit']);

function describePage(path: string, call: Call, answer: Answer): Omit<KeysetPage, 'seq' | 'completed'> {
  const filters = [...call.query].filter(([name]) => !CURSOR_PARAMETERS.has(name)).sort();
  return {
    path,
    filters: new URLSearchParams(filters).toString(),
    after_cursor: call.query.get('after_cursor'),
    next_cursor: answer.page?.nextCursor ?? null,
    status: answer.status,
    rows: answer.page?.rows ?? 0,
    first_id: answer.page?.firstId ?? null,
    last_id: answer.page?.lastId ?? null,
  };
}
