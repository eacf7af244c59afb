import { PayloadRefusal } from '../wire/refusal';

export type VenueFamily = 'gamma' | 'clob' | 'data';

export const VENUE_FAMILIES = ['gamma', 'clob', 'data'] as const satisfies readonly VenueFamily[];

interface VenueErrorDetails {
  family?: VenueFamily;
  /** What was asked, without host or query, for the message. */
  path?: string;
  /** What the venue or the network said, already cut short. */
  said?: string;
  cause?: unknown;
}

/** A call to the venue that gave no usable answer; the subclass says what the caller should do. */
export abstract class VenueError extends Error {
  abstract readonly kind: 'busy' | 'unavailable' | 'bad_answer' | 'refused';
  readonly family: VenueFamily | null;

  protected constructor(sentence: string, details: VenueErrorDetails) {
    const asked = details.path === undefined ? '' : ` to ${details.path}`;
    const where = details.family === undefined ? 'Polymarket' : `Polymarket's ${details.family} API`;
    const said = details.said === undefined ? '' : `: ${details.said}`;
    super(`${sentence.replace('{where}', where).replace('{asked}', asked)}${said}`, { cause: details.cause });
    this.name = new.target.name;
    this.family = details.family ?? null;
  }
}

/** Too many requests here or there: wait `retryAfterMs` and ask again. */
export class VenueBusyError extends VenueError {
  override readonly kind = 'busy';

  constructor(
    readonly retryAfterMs: number,
    details: VenueErrorDetails = {},
  ) {
    super(`The request budget of {where} is used up; try again in ${Math.ceil(retryAfterMs / 1000)} s`, details);
  }
}

/** The venue could not be reached, timed out or failed, after the retries that were safe: back off, serve what is cached. */
export class VenueUnavailableError extends VenueError {
  override readonly kind = 'unavailable';
  /** How long the venue asked to be left alone; null when it named no time. */
  readonly retryAfterMs: number | null;

  constructor(details: VenueErrorDetails & { retryAfterMs?: number | null } = {}) {
    super('{where} did not answer the request{asked}', details);
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

const SHOWN_REFUSALS = 3;

/** The venue answered something this client does not understand: do not retry; nothing of the answer may be kept. */
export class VenueBadAnswerError extends VenueError {
  override readonly kind = 'bad_answer';

  constructor(
    readonly refusals: readonly PayloadRefusal[],
    details: Omit<VenueErrorDetails, 'said'> = {},
  ) {
    const shown = refusals
      .slice(0, SHOWN_REFUSALS)
      .map((refusal) => (refusal.path === '' ? refusal.reason : `${refusal.path}: ${refusal.reason}`));
    const more = refusals.length > shown.length ? ` (and ${refusals.length - shown.length} more)` : '';
    super('{where} answered the request{asked} in a form that is not understood', {
      ...details,
      said: `${shown.join('; ')}${more}`,
    });
  }
}

/** The venue refused the request as such (4xx): asking again the same way is pointless. */
export class VenueRefusedError extends VenueError {
  override readonly kind = 'refused';

  constructor(
    /** HTTP status of the refusal. */
    readonly status: number,
    details: VenueErrorDetails = {},
  ) {
    super(`{where} refused the request{asked} with status ${status}`, details);
  }
}
