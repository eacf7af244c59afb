/** Work that comes back. Running it twice, in one process or in several at once, is harmless. */
export interface PeriodicTask {
  /** What is told of it in the log. */
  name: string;
  /** Milliseconds from the end of one run to the start of the next. */
  everyMs: number;
  /** The signal aborts when the worker stops. */
  run(context: { now: Date; signal: AbortSignal }): Promise<unknown>;
}
