import { DomainError } from '@app/domain';
import { ConfigError } from '../config/parse-env';
import { StartError } from './start-error';

/** Exit codes of a process run by `runProcess`; 78 is EX_CONFIG of sysexits.h. */
export const EXIT = { clean: 0, failed: 1, badConfig: 78 } as const;

const SAME_SIGNAL_MS = 1_000;

export interface ProcessContext {
  /** Aborted as soon as a stop is asked for, also while the process is still starting. */
  readonly stopping: AbortSignal;
  /** Ends the process because of a failure nobody awaits: it is printed, the process stops cleanly and exits 1. */
  fail(err: unknown): void;
}

export interface RunningProcess {
  /** Stops everything the process started. Called once. */
  stop(): Promise<void>;
  /** Settles when the process has nothing left to do, such as after one run by hand. Absent: it runs until it is stopped. */
  finished?: Promise<void>;
  /** Sent to the parent as `{ type: 'ready', ... }` when the process was started with an IPC channel: where it listens, and the like. */
  ready?: Record<string, unknown>;
}

export interface RunOptions {
  /** Longest a stop may take before the process exits 1 without waiting any more, milliseconds. */
  stopDeadlineMs?: number;
}

/**
 * Runs a process from start to exit. Configuration and start errors are printed as plain sentences. The first SIGINT, SIGTERM
 * or SIGHUP stops it and it exits 0; a later one, or a stop beyond the deadline, ends it at once. An unhandled rejection or
 * exception is a broken invariant: it is printed, and the process stops with exit code 1. A process started with an IPC channel
 * also stops when its parent is gone, however the parent ended.
 */
export async function runProcess(
  start: (context: ProcessContext) => Promise<RunningProcess>,
  options: RunOptions = {},
): Promise<void> {
  const stopDeadlineMs = options.stopDeadlineMs ?? 10_000;
  const stop = new AbortController();
  let exitCode: number = EXIT.clean;
  const stopAsked = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const askToStop = (): void => {
    if (stop.signal.aborted) return;
    stop.abort(new StartError('The process was asked to stop.'));
    setTimeout(() => {
      print(`Stopping took longer than ${stopDeadlineMs} ms; exiting without waiting for the rest.`);
      process.exit(EXIT.failed);
    }, stopDeadlineMs).unref();
  };
  const fail = (err: unknown): void => {
    exitCode = EXIT.failed;
    print(describe(err));
    askToStop();
  };
  let firstSignalAt = Number.POSITIVE_INFINITY;
  const onSignal = (): void => {
    // One Ctrl-C can arrive twice, from the terminal and again from npm.
    if (performance.now() - firstSignalAt > SAME_SIGNAL_MS) process.exit(EXIT.failed);
    firstSignalAt = Math.min(firstSignalAt, performance.now());
    askToStop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  // A reader of the error output that has gone away must not become an error of its own.
  process.stderr.on('error', () => undefined);
  process.on('unhandledRejection', fail).on('uncaughtException', fail);
  if (process.send !== undefined) {
    process.on('disconnect', askToStop);
    process.channel?.unref();
  }

  try {
    const running = await start({ stopping: stop.signal, fail });
    if (running.ready !== undefined && process.connected) process.send?.({ type: 'ready', ...running.ready });
    await Promise.race([stopAsked, ...(running.finished ? [running.finished.catch(fail)] : [])]);
    askToStop();
    await running.stop();
  } catch (err) {
    const isStopDuringStart = stop.signal.aborted && err === stop.signal.reason;
    if (!isStopDuringStart) {
      exitCode = err instanceof ConfigError ? EXIT.badConfig : EXIT.failed;
      print(describe(err));
    }
  }
  process.exit(exitCode);
}

function describe(err: unknown): string {
  if (err instanceof DomainError) {
    const { cause } = err.details;
    return cause instanceof Error ? `${err.message} (${cause.message})` : err.message;
  }
  if (err instanceof ConfigError || err instanceof StartError) return err.message;
  return err instanceof Error
    ? (err.stack ?? err.message)
    : `Something that is not an error was thrown: ${String(err)}`;
}

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}
