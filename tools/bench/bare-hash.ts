import { PasswordHasher, type PasswordHashCost } from '@app/accounts';
import { runProcess } from '@app/platform';
import { callFor } from './measuring';

/** Asked of the process: so many callers at a time, for so long. */
export interface HashRun {
  callers: number;
  seconds: number;
}

/** Asked first: what is verified, and at what cost. */
export interface HashSubject {
  password: string;
  cost: PasswordHashCost;
}

/** Verifies one password again and again, as many at a time as the product does, and answers the latencies in milliseconds. */
function serve({ password, cost }: HashSubject): Promise<void> {
  return runProcess(async () => {
    const hasher = await PasswordHasher.create(cost);
    const known = await hasher.hash(password);
    process.on('message', (message) => {
      void verifyFor(() => hasher.verify(known, password), message as HashRun).then((taken) => process.send?.(taken));
    });
    // Nothing else keeps this process alive between two questions.
    process.channel?.ref();
    return { stop: () => Promise.resolve(), ready: {} };
  });
}

function verifyFor(verify: () => Promise<boolean>, { callers, seconds }: HashRun): Promise<number[]> {
  const once = async (): Promise<void> => {
    if (!(await verify())) throw new Error('the hash is not of this password');
  };
  return callFor(once, callers, seconds);
}

process.once('message', (message) => void serve(message as HashSubject));
