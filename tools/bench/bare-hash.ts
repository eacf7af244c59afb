import { runProcess } from '@app/platform';
import { hash, verify } from '@node-rs/argon2';

/** Asked of the process: so many verifications at a time, for so long. */
export interface HashRun {
  lanes: number;
  seconds: number;
}

/** Asked first: what is verified, and at what cost. */
export interface HashSubject {
  password: string;
  memoryKib: number;
  iterations: number;
  parallelism: number;
}

/** Verifies one password again and again and answers the latencies in milliseconds. Nothing but Argon2id, the package's default, in a process of its own. */
function serve(subject: HashSubject): Promise<void> {
  return runProcess(async () => {
    const known = await hash(subject.password, {
      memoryCost: subject.memoryKib,
      timeCost: subject.iterations,
      parallelism: subject.parallelism,
    });
    process.on('message', (message) => {
      const { lanes, seconds } = message as HashRun;
      void verifyFor(known, subject.password, lanes, seconds).then((latencies) => process.send?.(latencies));
    });
    // Nothing else keeps this process alive between two questions.
    process.channel?.ref();
    return { stop: () => Promise.resolve(), ready: {} };
  });
}

async function verifyFor(known: string, password: string, lanes: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      if (!(await verify(known, password))) throw new Error('the hash is not of this password');
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return latencies;
}

process.once('message', (message) => void serve(message as HashSubject));
