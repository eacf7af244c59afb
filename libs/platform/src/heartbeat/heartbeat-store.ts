/** The last sign of life of one process. */
export interface Heartbeat {
  /** The process's role and instance, such as `sync-worker:host:4711`. */
  process: string;
  at: Date;
  /** What the process says about itself; JSON values. */
  detail: Record<string, unknown>;
}

/** Milliseconds a heartbeat is kept after the last beat; a reader judges its age before that. */
export const HEARTBEAT_KEPT_MS = 3_600_000;

export abstract class HeartbeatStore {
  /** Replaces the process's heartbeat. Never rejects: a sign of life that cannot be given must not end the life. */
  abstract beat(process: string, at: Date, detail?: Record<string, unknown>): Promise<void>;

  /** Forgets a process that ends as it should: only one that falls silent is to be missed. Never rejects. */
  abstract end(process: string): Promise<void>;

  /** Returns the heartbeats of the last hour, by process name. Rejects when the store does not answer. */
  abstract list(): Promise<Heartbeat[]>;
}
