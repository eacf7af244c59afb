import { z } from 'zod';

/** One request, taken apart. */
export interface Call {
  method: string;
  /** Path after the family's prefix, with a leading slash. */
  path: string;
  query: URLSearchParams;
  /** The request's body; empty when it had none. */
  body: string;
}

export interface Answer {
  status: number;
  /** Parts follow each other; keeping them apart saves joining long lists twice. */
  body: string | readonly string[];
  contentType: 'application/json' | 'text/plain';
  headers?: Record<string, string>;
  /** Set on pages of cursor lists. */
  page?: PageFacts;
}

/** What a page of a cursor list held. */
export interface PageFacts {
  rows: number;
  firstId: string | null;
  lastId: string | null;
  nextCursor: string | null;
}

export function json(value: unknown, status = 200): Answer {
  return rawJson(JSON.stringify(value), status);
}

/** @param body JSON text, sent as it is */
export function rawJson(body: string | readonly string[], status = 200): Answer {
  return { status, body, contentType: 'application/json' };
}

export function text(body: string, status = 200): Answer {
  return { status, body, contentType: 'text/plain' };
}

export function bodyText(answer: Answer): string {
  return typeof answer.body === 'string' ? answer.body : answer.body.join('');
}

export function bodyBytes(answer: Answer): Buffer {
  return typeof answer.body === 'string'
    ? Buffer.from(answer.body)
    : Buffer.concat(answer.body.map((part) => Buffer.from(part)));
}

/** A refusal that becomes an answer. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(bodyText(answer));
  }
}

/** Parses a JSON body; undefined when it is none. */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A body by its schema, or the answer that says what is wrong with it. */
export function parse<S extends z.ZodType>(schema: S, body: string): { value: z.output<S> } | { answer: Answer } {
  const parsed = schema.safeParse(parseBody(body));
  return parsed.success ? { value: parsed.data } : { answer: json({ error: z.prettifyError(parsed.error) }, 422) };
}

/** Values of a repeated or comma-separated parameter. */
export function listOf(query: URLSearchParams, ...names: string[]): string[] {
  return names
    .flatMap((name) => query.getAll(name))
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}
