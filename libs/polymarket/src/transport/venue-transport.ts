import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Clock, RateWindow } from '@app/platform';
import { Agent, request } from 'undici';
import { excerptOf, parseJsonBody } from '../wire/json-body';
import { Parsed } from '../wire/refusal';
import { FamilyPause, RateGate, Sleep, VenuePriority } from './rate-gate';
import { fullJitter, isRetryable, RETRY_POLICIES, retryAfterMs, RetryPolicy } from './retry';
import { backgroundShareOf, RATE_WINDOW_MS, RateBudget, VENUE_RATE_BUDGETS } from './venue-budgets';
import {
  VENUE_FAMILIES,
  VenueBadAnswerError,
  VenueBusyError,
  VenueFamily,
  VenueRefusedError,
  VenueUnavailableError,
} from './venue-errors';
import { VenueStatus } from './venue-status';

export interface CallOptions {
  priority: VenuePriority;
  /** Gives the call up: it leaves the queue, an open request is cancelled, and the signal's reason is thrown. */
  signal?: AbortSignal;
}

export interface VenueOptions {
  /** Base addresses without a trailing slash; may carry a path prefix. */
  baseUrls: Readonly<Record<VenueFamily, string>>;
  /** The part of the venue's published limits all processes together may use, above 0 to 1. */
  rateShare: number;
  /** False lets every call pass at once; for simulated venues only. */
  rateLimited: boolean;
  retryPolicies?: Readonly<Record<VenuePriority, RetryPolicy>>;
  /** Largest answer taken, bytes after decompression. */
  maxBodyBytes?: number;
  connectTimeoutMs?: number;
  headersTimeoutMs?: number;
  bodyTimeoutMs?: number;
  /** Open connections per family. */
  connections?: number;
  /** Callers of each priority that may wait for one budget. */
  maxWaiting?: number;
}

/** What the transport needs of the outside world; each may be replaced in tests. */
export interface VenueEffects {
  clock: Clock;
  rateWindow: RateWindow;
  /** Even on 0 to 1. */
  random: () => number;
  sleep: Sleep;
}

export interface VenueCall {
  family: VenueFamily;
  budget: RateBudget;
  /** Path below the family's base address, beginning with a slash. */
  path: string;
  query?: URLSearchParams;
  /** Tries in all, when fewer than the policy's. */
  attempts?: number;
}

const USER_AGENT = 'PaperTradingPM/0.1 (paper trading; reads only)';
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const DEFAULT_PAUSE_MS = 2_000;
const SHOWN_CHARACTERS = 200;
const decompressors = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

interface Answer {
  status: number;
  retryAfter: string | null;
  simulated: boolean;
  body: Buffer;
}

/** Sleeps by the event loop's timers. */
export const sleepByTimer: Sleep = async (ms, signal) => {
  await wait(ms, undefined, { signal }).catch(() => undefined);
};

/**
 * Sends reads to the venue: one keep-alive pool per family, a request budget shared by all callers, timeouts, and retries with full jitter.
 * A 429 pauses its family for every caller of this process; other processes learn of it by their own.
 */
export class VenueTransport {
  private readonly agents: Record<VenueFamily, Agent>;
  private readonly pauses: Record<VenueFamily, FamilyPause>;
  private readonly gates = new Map<RateBudget, RateGate>();
  private readonly closing = new AbortController();

  constructor(
    private readonly options: VenueOptions,
    private readonly effects: VenueEffects,
    readonly status: VenueStatus,
  ) {
    this.agents = forEachFamily(
      () =>
        new Agent({
          connections: options.connections ?? 8,
          pipelining: 1,
          keepAliveTimeout: 30_000,
          connect: { timeout: options.connectTimeoutMs ?? 5_000 },
          headersTimeout: options.headersTimeoutMs ?? 15_000,
          bodyTimeout: options.bodyTimeoutMs ?? 15_000,
        }),
    );
    this.pauses = forEachFamily(() => new FamilyPause(effects.clock));
  }

  /**
   * The body of a 2xx answer, decompressed.
   * @throws VenueBusyError, VenueUnavailableError, VenueRefusedError or VenueBadAnswerError; the caller's own reason when it aborts.
   */
  async send(call: VenueCall, options: CallOptions): Promise<Buffer> {
    const policy = (this.options.retryPolicies ?? RETRY_POLICIES)[options.priority];
    const giveUp = new AbortController();
    const stops = [this.closing.signal, ...(options.signal === undefined ? [] : [options.signal])].map((signal) => {
      const stop = (): void => giveUp.abort(signal.reason);
      if (signal.aborted) stop();
      // One worker's signal serves all its calls in flight, which is no leak: each call takes its listener away again.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', stop);
      return (): void => signal.removeEventListener('abort', stop);
    });
    const timer = setTimeout(() => giveUp.abort(new DeadlinePassed()), policy.deadlineMs);
    const deadline = this.effects.clock.now().getTime() + policy.deadlineMs;
    try {
      return await this.attempt(call, options, { policy, signal: giveUp.signal, deadline });
    } finally {
      clearTimeout(timer);
      for (const forget of stops) forget();
    }
  }

  /** {@link send}, with the body as JSON. @throws VenueBadAnswerError when it is none. */
  async sendForJson(call: VenueCall, options: CallOptions): Promise<unknown> {
    return this.understand(call, parseJsonBody(await this.send(call, options)));
  }

  /** The value of a reading, or the error that names what was not understood. */
  understand<T>(call: Pick<VenueCall, 'family' | 'path'>, reading: Parsed<T>): T {
    if (reading.ok) return reading.value;
    throw new VenueBadAnswerError([reading.refusal], { family: call.family, path: call.path });
  }

  /** Closes every connection; calls in flight or waiting end as unavailable. */
  async close(): Promise<void> {
    this.closing.abort(new VenueUnavailableError({ said: 'the client was closed' }));
    await Promise.all(VENUE_FAMILIES.map((family) => this.agents[family].destroy()));
  }

  private async attempt(
    call: VenueCall,
    options: CallOptions,
    limits: { policy: RetryPolicy; signal: AbortSignal; deadline: number },
  ): Promise<Buffer> {
    const { policy, signal, deadline } = limits;
    const attempts = Math.min(policy.attempts, call.attempts ?? policy.attempts);
    for (let attempt = 1; ; attempt += 1) {
      await this.passGate(call, options, limits);
      const answer = await this.exchange(call, signal).catch((error: unknown) =>
        this.networkFailure(call, signal, error),
      );
      if (answer instanceof VenueUnavailableError) {
        const delayMs = fullJitter(policy, attempt, this.effects.random);
        if (attempt >= attempts || !this.fits(delayMs, deadline)) throw answer;
        await this.effects.sleep(delayMs, signal);
        continue;
      }
      if (answer.status >= 200 && answer.status < 300) {
        this.status.recordSuccess(call.family, answer.simulated);
        return answer.body;
      }
      if (!isRetryable(answer.status)) {
        this.status.recordSuccess(call.family, answer.simulated);
        throw new VenueRefusedError(answer.status, { ...named(call), said: excerptOf(answer.body) });
      }
      const failure = this.failureOf(call, answer);
      this.status.recordFailure(call.family, failure.message);
      if (failure instanceof VenueBusyError) {
        this.pauses[call.family].extend(failure.retryAfterMs);
        if (attempt >= attempts || !this.fits(failure.retryAfterMs, deadline)) throw failure;
        continue;
      }
      const delayMs = failure.retryAfterMs ?? fullJitter(policy, attempt, this.effects.random);
      if (attempt >= attempts || !this.fits(delayMs, deadline)) throw failure;
      await this.effects.sleep(delayMs, signal);
    }
  }

  private async passGate(
    call: VenueCall,
    options: CallOptions,
    limits: { signal: AbortSignal; deadline: number },
  ): Promise<void> {
    const { signal, deadline } = limits;
    const pauseMs = this.pauses[call.family].remainingMs();
    if (!this.fits(pauseMs, deadline)) throw new VenueBusyError(pauseMs, named(call));
    if (!this.options.rateLimited && pauseMs === 0) return;
    const gate = this.gateOf(call);
    try {
      await gate.pass(options.priority, signal);
    } catch (error) {
      if (error instanceof DeadlinePassed) throw new VenueBusyError(gate.estimateWaitMs(options.priority), named(call));
      throw error;
    }
  }

  private fits(delayMs: number, deadline: number): boolean {
    return this.effects.clock.now().getTime() + delayMs < deadline;
  }

  private gateOf(call: VenueCall): RateGate {
    let gate = this.gates.get(call.budget);
    if (gate === undefined) {
      const limit = Math.max(
        1,
        Math.floor((VENUE_RATE_BUDGETS[call.budget] * this.options.rateShare * RATE_WINDOW_MS) / 10_000),
      );
      gate = new RateGate(
        call.family,
        `venue:${call.budget}`,
        {
          windowMs: RATE_WINDOW_MS,
          limit,
          backgroundLimit: backgroundShareOf(limit),
          maxWaiting: this.options.maxWaiting ?? 500,
        },
        this.pauses[call.family],
        this.effects.rateWindow,
        this.effects.sleep,
      );
      this.gates.set(call.budget, gate);
    }
    return gate;
  }

  private async exchange(call: VenueCall, signal: AbortSignal): Promise<Answer> {
    const query = call.query?.toString() ?? '';
    const url = `${this.options.baseUrls[call.family]}${call.path}${query === '' ? '' : `?${query}`}`;
    const response = await request(url, {
      dispatcher: this.agents[call.family],
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate, br',
        'user-agent': USER_AGENT,
      },
      signal,
    });
    const maxBytes = this.options.maxBodyBytes ?? MAX_BODY_BYTES;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw this.tooLarge(call, maxBytes);
      chunks.push(chunk);
    }
    return {
      status: response.statusCode,
      retryAfter: headerOf(response.headers['retry-after']),
      simulated: headerOf(response.headers['x-simulated']) === 'true',
      body: await this.decompress(
        call,
        Buffer.concat(chunks, size),
        headerOf(response.headers['content-encoding']),
        maxBytes,
      ),
    };
  }

  private async decompress(call: VenueCall, body: Buffer, encoding: string | null, maxBytes: number): Promise<Buffer> {
    if (encoding === null || encoding === 'identity' || body.length === 0) return body;
    if (encoding !== 'gzip' && encoding !== 'deflate' && encoding !== 'br') {
      throw badAnswer(call, `found content encoding ${encoding.slice(0, 40)}, expected gzip, deflate or br`);
    }
    try {
      return await decompressors[encoding](body, { maxOutputLength: maxBytes });
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw this.tooLarge(call, maxBytes);
      throw badAnswer(call, `found a body that is not valid ${encoding}`);
    }
  }

  private tooLarge(call: VenueCall, maxBytes: number): VenueBadAnswerError {
    return badAnswer(call, `found more than ${maxBytes} bytes, expected an answer of at most that`);
  }

  /** What a thrown exchange means: whoever stopped the call and a bad answer are passed on, everything else is the network. */
  private networkFailure(call: VenueCall, signal: AbortSignal, error: unknown): VenueUnavailableError {
    const overdue = signal.reason instanceof DeadlinePassed;
    if (signal.aborted && !overdue) throw signal.reason;
    if (error instanceof VenueBadAnswerError) {
      this.status.recordFailure(call.family, error.message);
      throw error;
    }
    const said = overdue ? 'the time for the call was over' : reasonOf(error);
    const failure = new VenueUnavailableError({ ...named(call), said, cause: error });
    this.status.recordFailure(call.family, failure.message);
    if (overdue) throw failure;
    return failure;
  }

  private failureOf(call: VenueCall, answer: Answer): VenueBusyError | VenueUnavailableError {
    const askedMs = retryAfterMs(answer.retryAfter, this.effects.clock.now());
    if (answer.status === 429) return new VenueBusyError(askedMs ?? DEFAULT_PAUSE_MS, named(call));
    const said = `status ${answer.status}, ${excerptOf(answer.body)}`;
    return new VenueUnavailableError({ ...named(call), said, retryAfterMs: askedMs });
  }
}

/** The time of a whole call is over. */
class DeadlinePassed extends Error {
  constructor() {
    super('the time for the call was over');
  }
}

function named(call: VenueCall): { family: VenueFamily; path: string } {
  return { family: call.family, path: call.path.slice(0, SHOWN_CHARACTERS) };
}

function badAnswer(call: VenueCall, reason: string): VenueBadAnswerError {
  return new VenueBadAnswerError([{ path: '', reason, id: null }], named(call));
}

function headerOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Node's and undici's name of a failure; null when it has none. */
function codeOf(error: unknown): string | null {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : null;
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return (code === null || message.includes(code) ? message : `${code} ${message}`).slice(0, SHOWN_CHARACTERS);
}

function forEachFamily<T>(make: () => T): Record<VenueFamily, T> {
  return { gamma: make(), clob: make(), data: make() };
}
