import { StartError } from '@app/platform';
import { MongoClient } from 'mongodb';

const REACHED_WITHIN_MS = 10_000;
const ONLY_OTHER_WAY = 'Start it, correct MONGO_URI, or unset MONGO_URI to keep the data on this machine.';

/**
 * Returns a connection string fit for messages: scheme, hosts and database. User, password and all options, which may hold secrets
 * too, are left out, also when a password contains characters it should have escaped.
 */
export function redactUri(uri: string): string {
  const [, scheme = 'mongodb://', rest = ''] = /^(mongodb(?:\+srv)?:\/\/)(.*)$/s.exec(uri) ?? [];
  const address = rest.slice(rest.lastIndexOf('@') + 1);
  return `${scheme}${address.replace(/\?.*$/s, '')}`;
}

/**
 * Returns the version of the server of MONGO_URI.
 * @throws StartError naming the server when it cannot be reached or does not let us in
 */
export async function reachServer(uri: string): Promise<string> {
  let client: MongoClient | undefined;
  try {
    const patience = /[?&]serverSelectionTimeoutMS=/i.test(uri) ? {} : { serverSelectionTimeoutMS: REACHED_WITHIN_MS };
    client = new MongoClient(uri, patience);
    return await versionOf(client);
  } catch (err) {
    const reason = err instanceof Error ? err.message : String(err);
    throw new StartError(
      `The database at ${redactUri(uri)} (MONGO_URI) cannot be reached: ${reason}. ${ONLY_OTHER_WAY}`,
      {
        cause: err,
      },
    );
  } finally {
    await client?.close();
  }
}

/** Returns the version a server says it has. */
export async function versionOf(client: MongoClient): Promise<string> {
  const { version } = await client.db('admin').command({ buildInfo: 1 });
  return typeof version === 'string' ? version : 'of unknown version';
}
