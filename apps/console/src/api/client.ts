import { signal } from '@preact/signals';
import { QueryClient } from '@tanstack/preact-query';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema';
import { Problem } from './problem';
import { session, signOut } from './session';

/** The bodies of the api's answers, by name. */
export type Schemas = components['schemas'];

/** Every route of the api, typed by its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: window.location.origin });

/** Whether market data comes from a simulated venue, as some answer said. */
export const simulated = signal(false);

api.use({
  onRequest({ request }) {
    const token = session.value?.token;
    if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
    return request;
  },
  onResponse({ request, response }) {
    if (response.headers.get('x-market-data') === 'simulated') simulated.value = true;
    const sent = request.headers.get('authorization');
    if (response.status === 401 && sent !== null && sent === `Bearer ${session.value?.token ?? ''}`) {
      signOut('Your session has ended. Sign in again to go on.');
    }
    return response;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the body of a successful answer. @throws Problem for any other, and when none came */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request.catch((): never => {
    throw Problem.unreachable();
  });
  if (!response.ok) throw Problem.from(response.status, error);
  return data as T;
}

/** Asks whose data this is, for pages that ask for none of it; an answer about markets says it too. */
export async function askWhoseData(): Promise<void> {
  const { data } = await api.GET('/health').catch(() => ({ data: undefined }));
  if (data?.upstream.venue === 'simulated') simulated.value = true;
}

const MOST_RETRIES = 3;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The server may be on this very machine: a browser without a network asks it all the same.
      networkMode: 'always',
      staleTime: 10_000,
      // Refusals do not become better by asking again; silence and overload may.
      retry: (failures, error) => failures < MOST_RETRIES && error instanceof Problem && isPassing(error.status),
    },
    mutations: { networkMode: 'always' },
  },
});

/** Whether asking again may help: nothing came, too much was asked, or the server was in trouble. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

const KEY_BYTES = 16;

/** A key of its own for one request that moves paper money: sent again with it, the request does nothing again. */
export function idempotencyKey(): string {
  // randomUUID is there over TLS and on this machine only.
  return Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
