import { type MongoClient, MongoServerError } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** The name of the set of one; transactions and retryable writes need a set. */
export const REPLICA_SET = 'papertrading';

const POLL_MS = 50;
const ALREADY_INITIALIZED = 23;

const helloAnswer = z.object({
  isWritablePrimary: z.boolean(),
  setName: z.string().optional(),
});

const configAnswer = z.object({
  config: z.looseObject({
    version: z.number(),
    members: z.array(z.looseObject({ host: z.string() })).length(1),
  }),
});

/** Returns a set's configuration with its only member at another address. */
export function atAddress(config: z.output<typeof configAnswer>['config'], host: string): Record<string, unknown> {
  return { ...config, version: config.version + 1, members: config.members.map((member) => ({ ...member, host })) };
}

/**
 * Makes a mongod the primary of a set of its own, and waits until it is. A set from an earlier run, on another port, is told the new
 * address; until then mongod does not find itself in its set.
 * @param host where it listens, `127.0.0.1:port`
 * @throws the reason of `signal` when aborted
 */
export async function becomePrimary(client: MongoClient, host: string, signal: AbortSignal): Promise<void> {
  const admin = client.db('admin');
  for (;;) {
    const hello = helloAnswer.parse(await admin.command({ hello: 1 }, { signal }));
    if (hello.isWritablePrimary) return;
    // Neither a new server nor one that was moved names a set.
    if (hello.setName === undefined && !(await initiate())) await readdress();
    await delay(POLL_MS, undefined, { signal });
  }

  async function initiate(): Promise<boolean> {
    try {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } }, { signal });
      return true;
    } catch (err) {
      if (err instanceof MongoServerError && err.code === ALREADY_INITIALIZED) return false;
      throw err;
    }
  }

  async function readdress(): Promise<void> {
    const { config } = configAnswer.parse(await admin.command({ replSetGetConfig: 1 }, { signal }));
    if (config.members[0]?.host === host) return;
    await admin.command({ replSetReconfig: atAddress(config, host), force: true }, { signal });
  }
}
