import { PasswordHasher, type PasswordHashCost } from '@app/accounts';
import { runProcess } from '@app/platform';

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

async function verifyFor(verify: () => Promise<boolean>, { callers, seconds }: HashRun): Promise<number[]> {
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const caller = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      if (!(await verify())) throw new Error('the hash is not of this password');
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return latencies;
}

process.once('message', (message) => void serve(message as HashSubject));
