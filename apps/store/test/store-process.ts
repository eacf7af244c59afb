import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { builtApp } from '@app/testing';

/** A store running as a process of its own. */
export interface StoreProcess {
  readonly child: ChildProcess;
  readonly uri: string;
}

/** Starts the built store; does not wait for it. */
export function launchStore(flags: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return fork(builtApp('store'), flags, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** Starts the built store and waits until it serves. */
export async function startStoreProcess(flags: readonly string[], env?: NodeJS.ProcessEnv): Promise<StoreProcess> {
  const child = launchStore(flags, env);
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  child.stdout?.resume();
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the store ended with ${String(code)} before it served: ${complaint}`);
  });
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [{ uri: string }];
  ended.catch(() => undefined);
  return { child, uri: ready.uri };
}

/** Sends a signal and waits until the process is gone; one that is gone already is left alone. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** A port nobody listens on now, for a store that must come back under the same address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
