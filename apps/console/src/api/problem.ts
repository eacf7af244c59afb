import type { components } from './generated/schema';

export type ProblemBody = components['schemas']['Problem'];

const UNREACHABLE = 'The server cannot be reached. Check the connection; this page tries again by itself.';

/** Why a request was not answered with what was asked: the api's problem details, or that it could not be reached. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly title: string,
    /** A sentence a person can act on. */
    readonly detail: string,
    readonly code: string | null = null,
    readonly fields: readonly { field: string; message: string }[] = [],
    /** Found again in the server log. */
    readonly errorId: string | null = null,
  ) {
    super(detail);
  }

  static unreachable(): Problem {
    return new Problem(0, 'No answer', UNREACHABLE);
  }

  /** The problem an answer tells, or one made of its status when its body is none. */
  static from(status: number, body: unknown): Problem {
    if (!isProblemBody(body)) {
      return new Problem(status, `Status ${status}`, `The server answered with status ${status} and no reason.`);
    }
    return new Problem(status, body.title, body.detail, body.code ?? null, body.errors ?? [], body.error_id ?? null);
  }

  /** What is said about one field. */
  of(field: string): string | undefined {
    return this.fields.find((each) => each.field === field)?.message;
  }
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
}
