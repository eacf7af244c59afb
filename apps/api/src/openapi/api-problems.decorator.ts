import type { DomainErrorCode } from '@app/domain';
import { PROBLEMS } from '@app/platform';
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { problemExample } from './problem-example';

/** When a route answers each status, as the document tells it. */
const REASONS: Record<number, string> = {
  400: 'Malformed: the body is not JSON, or the path cannot be decoded.',
  401: 'No access token, an expired one or a bad one.',
  403: 'The account does not have the role this needs.',
  404: 'Unknown here and at Polymarket; `detail` says what.',
  409: 'In conflict with what is going on; `detail` says with what.',
  413: 'The body is too large.',
  415: 'The body is not of the content type the route takes.',
  422: 'Well-formed but not acceptable; `errors` names the fields.',
  500: 'A fault of the server; `error_id` finds it in the log.',
  502: 'Polymarket answered something that cannot be understood.',
  503: 'Polymarket or the database cannot be reached; `Retry-After` says when to try again.',
};

/** A refusal for which the usual words of its status do not do. */
export interface NamedProblem {
  code: DomainErrorCode;
  /** When it is answered, as a sentence. */
  when: string;
}

/** Documents the problem details a route answers, besides 500, which every route may. */
export function ApiProblems(...problems: (number | NamedProblem)[]): MethodDecorator & ClassDecorator {
  return applyDecorators(...[...problems, 500].map((problem) => ApiResponse(documented(problem))));
}

function documented(problem: number | NamedProblem): ApiResponseOptions {
  const named = typeof problem === 'number' ? undefined : problem;
  const status = typeof problem === 'number' ? problem : PROBLEMS[problem.code].status;
  const schema = { $ref: '#/components/schemas/Problem' };
  return {
    status,
    description: named?.when ?? REASONS[status] ?? STATUS_CODES[status] ?? '',
    content: {
      'application/problem+json':
        named === undefined ? { schema } : { schema, example: problemExample(named.code, named.when) },
    },
    ...(status === 503
      ? { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', example: 15 } } } }
      : {}),
  };
}
