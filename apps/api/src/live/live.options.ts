/** How connections of `/ws/live` are kept; times in milliseconds. */
export interface LiveOptions {
  /** How often each connection is pinged; one that has not answered by the next ping is dead. */
  pingMs: number;
  /** How often tokens and accounts behind connections are looked at. */
  accessCheckMs: number;
  /** How long before its token ends a client is warned. */
  tokenWarningMs: number;
  /** Unsent bytes of a connection above which it is behind: it is told the newest snapshot when it has read on, and nothing before. */
  behindBytes: number;
  /** Unsent bytes of a connection that end it. */
  mostUnsentBytes: number;
  /** How long a connection may be behind before it is ended. */
  mostBehindMs: number;
  /** How often connections that are behind are looked at. */
  catchUpMs: number;
  /** Messages a client may send within {@link messageWindowMs}, and that may wait to be handled. */
  messagesAllowed: number;
  messageWindowMs: number;
  /** Connections of one account to one process. */
  connectionsAllowed: number;
  /** How long a connection that was told to close may take. */
  closingMs: number;
}

export const DEFAULT_LIVE_OPTIONS: LiveOptions = {
  pingMs: 20_000,
  accessCheckMs: 3_000,
  tokenWarningMs: 60_000,
  behindBytes: 256 * 1024,
  mostUnsentBytes: 4 * 1024 * 1024,
  mostBehindMs: 30_000,
  catchUpMs: 50,
  messagesAllowed: 100,
  messageWindowMs: 10_000,
  connectionsAllowed: 10,
  closingMs: 2_000,
};

/** Bytes of the longest message a client may send: a hundred token ids and more. */
export const LONGEST_MESSAGE_BYTES = 64 * 1024;

export const LIVE_OPTIONS = Symbol('LIVE_OPTIONS');
