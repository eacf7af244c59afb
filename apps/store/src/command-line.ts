/** A setting is wrong: the process says so and ends with {@link CONFIG_EXIT}, as for any configuration error. */
export class SettingError extends Error {}

export const CONFIG_EXIT = 78;

/** Whether an error says that the command line is wrong. */
export const isSettingError = (error: unknown): boolean =>
  error instanceof SettingError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;

/** Prints a line on standard output. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

type ErrorClass = new (...parameters: never[]) => Error;

/** What a process says of an error that ends it: the message when that tells all, as for settings and `plain` errors, else the stack. */
export function lastWords(error: unknown, plain: readonly ErrorClass[]): string {
  if (!(error instanceof Error)) return String(error);
  // A call of the operating system that failed names itself and its file.
  const tellsAll = isSettingError(error) || 'syscall' in error || plain.some((kind) => error instanceof kind);
  return tellsAll ? error.message : (error.stack ?? error.message);
}

/** Runs a tool that answers its exit code; what goes wrong is told on standard error and ends it with `failure`. */
export function runTool(tool: () => number, plain: readonly ErrorClass[], failure: number): void {
  try {
    process.exitCode = tool();
  } catch (error) {
    process.stderr.write(`${lastWords(error, plain)}\n`);
    process.exitCode = isSettingError(error) ? CONFIG_EXIT : failure;
  }
}
