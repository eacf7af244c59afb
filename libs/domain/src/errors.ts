/**
 * Refusals that are part of the business, by stable code; how a code looks over HTTP is decided at the edge alone.
 */
export const DOMAIN_ERROR_CODES = [
  'REQUEST.INVALID',
  'REQUEST.UNACCEPTABLE',
  'REQUEST.TOO_MANY',
  'AUTH.REQUIRED',
  'AUTH.FORBIDDEN',
  'AUTH.BAD_CREDENTIALS',
  'AUTH.EMAIL_TAKEN',
  'AUTH.TOO_MANY_ATTEMPTS',
  'AUTH.BUSY',
  'USER.NOT_FOUND',
  'USER.LAST_ADMIN',
  'USER.OWN_ACCOUNT',
  'SETTING.UNKNOWN',
  'SETTING.CONFLICT',
  'MARKET.NOT_FOUND',
  'MARKET.OUTCOME_NOT_FOUND',
  'MARKET.NO_ORDER_BOOK',
  'MARKET.NOT_TRADABLE',
  'BOOK.NOT_LIVE',
  'PORTFOLIO.NOT_FOUND',
  'PORTFOLIO.LIMIT',
  'PORTFOLIO.INACTIVE',
  'PORTFOLIO.BUSY',
  'ORDER.NOT_FOUND',
  'ORDER.NOT_CANCELLABLE',
  'ORDER.LIMIT',
  'ORDER.DUPLICATE_CLIENT_ID',
  'ORDER.BAD_PRICE',
  'ORDER.BAD_SIZE',
  'ORDER.BAD_EXPIRY',
  'ORDER.POST_ONLY_CROSSES',
  'ORDER.INSUFFICIENT_CASH',
  'ORDER.INSUFFICIENT_SHARES',
  'ORDER.NOT_FILLED',
  'IDEMPOTENCY.KEY_REUSED',
  'IDEMPOTENCY.IN_PROGRESS',
  'SUBSCRIPTION.LIMIT',
  'EXPORT.NOT_ALLOWED',
  'JOB.NOT_FOUND',
  'JOB.ALREADY_RUNNING',
  'VENUE.BUSY',
  'VENUE.UNAVAILABLE',
  'VENUE.BAD_ANSWER',
  'STORE.UNAVAILABLE',
] as const;

export type DomainErrorCode = (typeof DOMAIN_ERROR_CODES)[number];

export interface FieldProblem {
  /** The field as the client spelled it, dotted for nested ones. */
  field: string;
  /** What was wrong and what would be right, as a sentence. */
  message: string;
}

/** A refusal with a sentence a person can act on. */
export class DomainError extends Error {
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly details: {
      /** Seconds after which trying again is worth it. */
      retryAfterSeconds?: number;
      fields?: readonly FieldProblem[];
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'DomainError';
  }
}
