import { StartError } from '@app/platform';
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface AdminCreateRequest {
  email: string;
  /** An account of that address becomes an admin without a question. */
  promote: boolean;
}

/** @throws StartError saying what is wrong and how the command is used */
export function readAdminCreateRequest(args: readonly string[], usage: string): AdminCreateRequest {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { email: { type: 'string' }, promote: { type: 'boolean' } },
    });
    if (values.email !== undefined) return { email: values.email, promote: values.promote === true };
  } catch (err) {
    throw new StartError(`${(err as Error).message}\n\n${usage}`, { cause: err });
  }
  throw new StartError(`--email must name the address of the admin.\n\n${usage}`);
}
