export type Json = Record<string, unknown>;

export interface Heard<T> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

/** Asks and parses; `body` is the text where the answer is no JSON. */
export async function ask<T = Json>(url: string, init?: RequestInit): Promise<Heard<T>> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, text, body: (isJson ? JSON.parse(text) : text) as T };
}

export function post<T = Json>(url: string, body: unknown): Promise<Heard<T>> {
  return ask<T>(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

export interface KeysetAnswer {
  markets: Json[];
  next_cursor?: string;
}

/** Walks a cursor list to its end. */
export async function walk(url: string): Promise<KeysetAnswer[]> {
  const pages: KeysetAnswer[] = [];
  let cursor: string | undefined;
  do {
    const after: string = cursor === undefined ? '' : `&after_cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await ask<KeysetAnswer>(url + after);
    if (status !== 200) throw new Error(`page ${pages.length + 1} answered ${status}`);
    pages.push(body);
    cursor = body.next_cursor;
  } while (cursor !== undefined);
  return pages;
}
