import type { ProblemBody } from '@app/contracts';
import { createHmac } from 'node:crypto';

export interface AuthAnswer<T> {
  status: number;
  headers: Record<string, string>;
  /** What the caller expects; an answer of 400 or above is a problem. */
  body: T;
}

export interface AuthRequest {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: string;
  /** Sent as it is, with this content type. */
  raw?: { type: string; text: string };
  /** Sent as `Authorization: Bearer`. */
  token?: string;
  /** The client's address as a trusted proxy tells it; a new one for each request when left out. */
  from?: string;
}

/** A client of a running api that keeps every secret it sent or got, and every answer, for the search at the end. */
export class AuthClient {
  readonly secrets = new Set<string>();
  readonly answers: string[] = [];
  private addresses = 0;

  constructor(readonly url: string) {}

  /** A network address nobody has asked from. */
  newAddress(): string {
    this.addresses += 1;
    return `10.${(this.addresses >> 16) & 255}.${(this.addresses >> 8) & 255}.${this.addresses & 255}`;
  }

  async ask<T = ProblemBody>(method: string, path: string, request: AuthRequest = {}): Promise<AuthAnswer<T>> {
    const { json, form, raw, token, from = this.newAddress() } = request;
    const content =
      raw ??
      (form === undefined ? undefined : { type: 'application/x-www-form-urlencoded', text: form }) ??
      (json === undefined ? undefined : { type: 'application/json', text: JSON.stringify(json) });
    if (token !== undefined) this.secrets.add(token);
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        'x-forwarded-for': from,
        ...(content === undefined ? {} : { 'content-type': content.type }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(content === undefined ? {} : { body: content.text }),
    });
    const text = await answer.text();
    const body = (answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T;
    if (answer.status >= 400) this.answers.push(text);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
  }

  /** Opens an account and returns its id. */
  async register(email: string, password: string): Promise<string> {
    this.secrets.add(password);
    const answer = await this.ask<{ user_id: string }>('POST', '/auth/register', {
      json: { email, password, password_confirm: password },
    });
    if (answer.status !== 201) throw new Error(`registering ${email}: ${JSON.stringify(answer.body)}`);
    return answer.body.user_id;
  }

  /** Tries to log in. */
  async tryLogIn(email: string, password: string, from?: string): Promise<AuthAnswer<ProblemBody & LoggedIn>> {
    this.secrets.add(password);
    const answer = await this.ask<ProblemBody & LoggedIn>('POST', '/auth/login', {
      json: { email, password },
      ...(from === undefined ? {} : { from }),
    });
    if (answer.status === 200) this.secrets.add(answer.body.access_token);
    return answer;
  }

  /** Logs in and returns the access token. */
  async logIn(email: string, password: string): Promise<string> {
    const answer = await this.tryLogIn(email, password);
    if (answer.status !== 200) throw new Error(`logging in as ${email}: ${JSON.stringify(answer.body)}`);
    return answer.body.access_token;
  }
}

export interface LoggedIn {
  access_token: string;
  token_type: string;
  expires_in: number;
  user_id: string;
  roles: string[];
}

/** Makes a token by hand, as nobody who keeps to the rules would. */
export function forgeToken(
  claims: Record<string, unknown>,
  { secret, algorithm = 'HS256' }: { secret: string; algorithm?: 'HS256' | 'HS512' | 'none' },
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`;
  if (algorithm === 'none') return `${signed}.`;
  const hash = algorithm === 'HS256' ? 'sha256' : 'sha512';
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

/** Returns what a token says about its bearer. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
