import { BSON } from 'bson';
import { arch, availableParallelism, hostname, release, totalmem, type } from 'node:os';
import { isTruthy } from '../documents/options';
import { StoreError } from '../errors/store-error';
import { okReply } from './replies';
import type { CommandHandler } from './request';
import { SERVER_VERSION } from './server-commands';

const MEBIBYTE = 1_048_576;

function serialized(reply: Record<string, unknown>): Buffer {
  return Buffer.from(BSON.serialize(reply));
}

/** Nobody is authenticated, because nobody has to be. */
export const connectionStatus: CommandHandler = (_engine, { args }) => {
  args.allow(['connectionStatus', 'showPrivileges']);
  return serialized({
    authInfo: {
      authenticatedUsers: [],
      authenticatedUserRoles: [],
      ...(args.boolean('showPrivileges') ? { authenticatedUserPrivileges: [] } : {}),
    },
    ok: 1,
  });
};

export const hostInfo: CommandHandler = (_engine, { args }) => {
  args.allow(['hostInfo']);
  return serialized({
    system: {
      currentTime: new Date(),
      hostname: hostname(),
      cpuAddrSize: 64,
      memSizeMB: Math.floor(totalmem() / MEBIBYTE),
      numCores: availableParallelism(),
      cpuArch: arch(),
    },
    os: { type: type(), name: type(), version: release() },
    extra: {},
    ok: 1,
  });
};

export const getCmdLineOpts: CommandHandler = (engine, { args }) => {
  args.allow(['getCmdLineOpts']);
  const parsed = { net: { bindIp: engine.host, port: engine.port } };
  return serialized({ argv: process.argv, parsed, ok: 1 });
};

/** The one parameter: which version's data the server keeps, which is its own. */
export const getParameter: CommandHandler = (_engine, { args }) => {
  args.allow(['getParameter', 'featureCompatibilityVersion']);
  const asked = args.get('featureCompatibilityVersion');
  if (asked === null || !isTruthy(asked)) throw new StoreError('InvalidOptions', 'no option found to get');
  const version = SERVER_VERSION.split('.').slice(0, 2).join('.');
  return okReply((writer) => writer.beginObject('featureCompatibilityVersion').string('version', version).end());
};

/** Log lines go to whoever started the store; the only log that can be read here is that of warnings at start, of which there are none. */
export const getLog: CommandHandler = (_engine, { args }) => {
  args.allow(['getLog']);
  const wanted = args.string('getLog');
  if (wanted === '*') return serialized({ names: ['startupWarnings'], ok: 1 });
  if (wanted !== 'startupWarnings') throw new StoreError('OperationFailed', `no RamLog named: ${wanted}`);
  return serialized({ totalLinesWritten: 0, log: [], ok: 1 });
};
