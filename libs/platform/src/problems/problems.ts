import { DomainError, type DomainErrorCode, type FieldProblem } from '@app/domain';
import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { newId } from '../ids';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

interface ProblemRow {
  status: number;
  title: string;
  /** Seconds put into `Retry-After` when the refusal does not say. */
  retryAfterSeconds?: number;
}

/** How each refusal looks over HTTP. A code without a row does not compile. */
export const PROBLEMS: Readonly<Record<DomainErrorCode, ProblemRow>> = {
  'REQUEST.INVALID': { status: 400, title: 'Malformed request' },
  'REQUEST.UNACCEPTABLE': { status: 422, title: 'Request not acceptable' },
  'REQUEST.TOO_MANY': { status: 429, title: 'Too many requests', retryAfterSeconds: 60 },
  'AUTH.REQUIRED': { status: 401, title: 'Authentication required' },
  'AUTH.FORBIDDEN': { status: 403, title: 'Not allowed' },
  'AUTH.BAD_CREDENTIALS': { status: 401, title: 'Wrong email or password' },
  'AUTH.EMAIL_TAKEN': { status: 409, title: 'Address already registered' },
  'AUTH.TOO_MANY_ATTEMPTS': { status: 429, title: 'Too many attempts', retryAfterSeconds: 60 },
  'AUTH.BUSY': { status: 503, title: 'Too many logins at once', retryAfterSeconds: 2 },
  'USER.NOT_FOUND': { status: 404, title: 'User not found' },
  'USER.LAST_ADMIN': { status: 409, title: 'Last active admin' },
  'USER.OWN_ACCOUNT': { status: 409, title: 'Own account' },
  'SETTING.UNKNOWN': { status: 422, title: 'Unknown setting' },
  'SETTING.CONFLICT': { status: 409, title: 'Setting changed meanwhile' },
  'MARKET.NOT_FOUND': { status: 404, title: 'Market not found' },
  'MARKET.OUTCOME_NOT_FOUND': { status: 404, title: 'Outcome not found' },
  'MARKET.NO_ORDER_BOOK': { status: 404, title: 'No order book' },
  'MARKET.NOT_TRADABLE': { status: 409, title: 'Market takes no orders' },
  'BOOK.NOT_LIVE': { status: 409, title: 'Order book not live', retryAfterSeconds: 5 },
  'PORTFOLIO.NOT_FOUND': { status: 404, title: 'Portfolio not found' },
  'PORTFOLIO.LIMIT': { status: 409, title: 'Too many portfolios' },
  'PORTFOLIO.INACTIVE': { status: 409, title: 'Portfolio not active' },
  'PORTFOLIO.BUSY': { status: 503, title: 'Portfolio busy', retryAfterSeconds: 1 },
  'ORDER.NOT_FOUND': { status: 404, title: 'Order not found' },
  'ORDER.NOT_CANCELLABLE': { status: 409, title: 'Order cannot be cancelled' },
  'ORDER.LIMIT': { status: 409, title: 'Too many open orders' },
  'ORDER.DUPLICATE_CLIENT_ID': { status: 409, title: 'client_order_id already used' },
  'ORDER.BAD_PRICE': { status: 422, title: 'Price not acceptable' },
  'ORDER.BAD_SIZE': { status: 422, title: 'Size not acceptable' },
  'ORDER.BAD_EXPIRY': { status: 422, title: 'Expiry not acceptable' },
  'ORDER.POST_ONLY_CROSSES': { status: 409, title: 'Post-only order crosses the book' },
  'ORDER.INSUFFICIENT_CASH': { status: 409, title: 'Not enough cash' },
  'ORDER.INSUFFICIENT_SHARES': { status: 409, title: 'Not enough shares' },
  'ORDER.NOT_FILLED': { status: 409, title: 'Nothing filled' },
  'IDEMPOTENCY.KEY_REUSED': { status: 409, title: 'Idempotency-Key already used' },
  'IDEMPOTENCY.IN_PROGRESS': { status: 409, title: 'Same request in progress', retryAfterSeconds: 1 },
  'SUBSCRIPTION.LIMIT': { status: 409, title: 'Too many subscriptions' },
  'EXPORT.NOT_ALLOWED': { status: 403, title: 'Export not included' },
  'JOB.NOT_FOUND': { status: 404, title: 'Job not found' },
  'JOB.ALREADY_RUNNING': { status: 409, title: 'Already running' },
  'VENUE.BUSY': { status: 503, title: 'Polymarket is busy', retryAfterSeconds: 5 },
  'VENUE.UNAVAILABLE': { status: 503, title: 'Polymarket is unavailable', retryAfterSeconds: 15 },
  'VENUE.BAD_ANSWER': { status: 502, title: 'Polymarket answered something unusable' },
  'STORE.UNAVAILABLE': { status: 503, title: 'Database unavailable', retryAfterSeconds: 5 },
};

/** The body of an error answer (RFC 9457). */
export interface ProblemDetails {
  /** `urn:papertrading-pm:problem:{code}`, or `about:blank` when the status says it all. */
  type: string;
  title: string;
  status: number;
  /** A sentence a person can act on. */
  detail: string;
  /** The path that was asked, without its query. */
  instance: string;
  /** Stable code of a refusal. */
  code?: DomainErrorCode;
  errors?: FieldProblem[];
  /** On 5xx: the id under which the cause is in the log. */
  error_id?: string;
}

export interface Problem {
  body: ProblemDetails;
  headers: Record<string, string>;
}

/** Turns anything thrown while answering `method path` into the problem to answer. Says nothing of a cause that is ours. */
export function toProblem(thrown: unknown, request: { method: string; path: string }): Problem {
  if (thrown instanceof DomainError) return refusal(thrown, request.path);
  if (isConnectivityError(thrown)) {
    const message = 'The database cannot be reached at the moment. Try again in a few seconds.';
    return refusal(new DomainError('STORE.UNAVAILABLE', message), request.path);
  }
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    if (status === 404 && thrown.message.startsWith('Cannot ')) {
      return plain(404, `There is no ${request.method} ${request.path} here; /docs lists every path.`, request.path);
    }
    // Nest wraps what the HTTP server refuses in an exception of its own.
    if (clientErrorStatus(thrown.cause) !== null) return fromHttpServer(thrown.cause as Error, status, request.path);
    return plain(status, status < 500 ? thrown.message : UNEXPECTED, request.path);
  }
  const status = clientErrorStatus(thrown);
  if (status !== null) return fromHttpServer(thrown as Error & { code?: string }, status, request.path);
  return plain(500, UNEXPECTED, request.path);
}

const UNEXPECTED = 'Something went wrong on our side. The error_id finds the cause in the log; try again later.';

function refusal(error: DomainError, path: string): Problem {
  const row = PROBLEMS[error.code];
  const retryAfter = error.details.retryAfterSeconds ?? row.retryAfterSeconds;
  return {
    body: {
      type: `urn:papertrading-pm:problem:${error.code}`,
      title: row.title,
      status: row.status,
      detail: error.message,
      instance: path,
      code: error.code,
      ...(error.details.fields?.length ? { errors: error.details.fields.map((field) => ({ ...field })) } : {}),
      ...errorId(row.status),
    },
    headers: {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(row.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
  };
}

function plain(status: number, detail: string, path: string): Problem {
  return {
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      instance: path,
      ...errorId(status),
    },
    headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {},
  };
}

function errorId(status: number): { error_id?: string } {
  return status >= 500 ? { error_id: newId() } : {};
}

/** Fastify's own refusals, by what a client can do about them. */
const HTTP_SERVER_DETAILS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON; a key such as __proto__ is not taken either.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; send a JSON document, or leave out the content-type header.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The content-length header does not match the body.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'The body is of no content type taken here: send application/json, or a form where /docs asks for one.',
  FST_ERR_BAD_URL: 'The path is not a valid URL path; check its percent-encoding.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long.',
};

function fromHttpServer(thrown: Error & { code?: string }, status: number, path: string): Problem {
  const known = HTTP_SERVER_DETAILS[thrown.code ?? ''];
  if (known !== undefined) return plain(status, known, path);
  if (thrown instanceof SyntaxError)
    return plain(400, HTTP_SERVER_DETAILS['FST_ERR_CTP_INVALID_JSON_BODY'] ?? '', path);
  return plain(status, `The request cannot be read: ${thrown.message}`, path);
}

/** What Node refuses before there is a request, by its code. */
const UNREAD: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail: 'The address and the headers of a request may take 16 KiB together; shorten them.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request was not sent whole in time; send it again.' },
};

/** Returns the answer to what cannot be read as a request, whose path is not known. @param code Node's, of the failure */
export function unreadProblem(code: string | undefined): ProblemDetails {
  const { status, detail } = UNREAD[code ?? ''] ?? { status: 400, detail: 'This is no HTTP request that can be read.' };
  return plain(status, detail, '/').body;
}

function clientErrorStatus(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return null;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}

/** Names of the driver's and Mongoose's errors that mean "no server to talk to now". */
const CONNECTIVITY_ERRORS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
]);

/** Tells whether an error, or what caused it, means that the database cannot be reached. */
export function isConnectivityError(thrown: unknown): boolean {
  let error: unknown = thrown;
  for (let depth = 0; error instanceof Error && depth < 5; depth += 1) {
    if (CONNECTIVITY_ERRORS.has(error.name)) return true;
    if (error.name === 'MongooseError' && error.message.includes('initial connection')) return true;
    error = error.cause;
  }
  return false;
}
