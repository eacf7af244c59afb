import type { Role } from '@app/domain';

/** Who asks. What belongs to somebody else does not exist for them. */
export interface Owner {
  userId: string;
  role: Role;
}

/** A request that carries an `Idempotency-Key`. */
export interface KeyedRequest {
  /** 1 to 255 printable ASCII characters, as the client sent it. */
  key: string;
  /** Method and path template, such as `POST /portfolios/{id}/orders`. */
  route: string;
  /** Hash of what makes two requests the same: path parameters and body. */
  bodyHash: string;
}

/** What a request that moves money was answered; `replayed` when an earlier request of the same key had done it. */
export type Replayable<T> = T & { replayed: boolean };

/** One page of a list, from 1. */
export interface PageRequest {
  page: number;
  pageSize: number;
}
