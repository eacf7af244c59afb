import { DomainError } from '@app/domain';
import {
  VenueBadAnswerError,
  VenueBusyError,
  VenueError,
  VenueRefusedError,
  VenueUnavailableError,
} from '@app/polymarket';

/**
 * Runs one conversation with the venue on behalf of a client.
 * @throws DomainError `VENUE.BUSY`, `VENUE.UNAVAILABLE` or `VENUE.BAD_ANSWER`; every other error passes through unchanged.
 */
export async function venueCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof VenueError ? toRefusal(error) : error;
  }
}

function toRefusal(error: VenueError): DomainError {
  if (error instanceof VenueBusyError) {
    const retryAfterSeconds = Math.max(1, Math.ceil(error.retryAfterMs / 1000));
    return new DomainError(
      'VENUE.BUSY',
      `Polymarket takes no more requests just now; try again in ${retryAfterSeconds} s.`,
      {
        retryAfterSeconds,
        cause: error,
      },
    );
  }
  if (error instanceof VenueUnavailableError) {
    const retryAfterSeconds =
      error.retryAfterMs === null ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
    return new DomainError('VENUE.UNAVAILABLE', 'Polymarket cannot be reached; try again in a little while.', {
      retryAfterSeconds,
      cause: error,
    });
  }
  if (error instanceof VenueBadAnswerError) {
    return new DomainError('VENUE.BAD_ANSWER', 'Polymarket answered something that cannot be understood.', {
      cause: error,
    });
  }
  if (error instanceof VenueRefusedError) {
    return new DomainError('VENUE.BAD_ANSWER', `Polymarket refused the request (status ${error.status}).`, {
      cause: error,
    });
  }
  return new DomainError('VENUE.UNAVAILABLE', 'Polymarket could not answer; try again in a little while.', {
    cause: error,
  });
}

/** Whether a refusal says that the venue, not the request, is at fault, so that an older answer may stand in. */
export function isVenueTrouble(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code.startsWith('VENUE.');
}
