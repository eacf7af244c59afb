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

/** What a route answers one status for: its usual reason, refusals with words of their own, or both. */
interface StatusProblems {
  isUsual: boolean;
  named: NamedProblem[];
}

/**
 * Documents the problem details a route answers, besides 500, which every route may. Several refusals of one status are told together,
 * each with an example of its own.
 */
export function ApiProblems(...problems: (number | NamedProblem)[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, StatusProblems>();
  for (const problem of [...problems, 500]) {
    const status = typeof problem === 'number' ? problem : PROBLEMS[problem.code].status;
    const known = byStatus.get(status) ?? { isUsual: false, named: [] };
    if (typeof problem === 'number') known.isUsual = true;
    else known.named.push(problem);
    byStatus.set(status, known);
  }
  return applyDecorators(...[...byStatus].map(([status, reasons]) => ApiResponse(documented(status, reasons))));
}

function documented(status: number, { isUsual, named }: StatusProblems): ApiResponseOptions {
  const usual = REASONS[status] ?? STATUS_CODES[status] ?? '';
  const [first, ...others] = named;
  const isSeveral = first !== undefined && (isUsual || others.length > 0);
  const sentences = isSeveral
    ? [...(isUsual ? [usual] : []), ...named.map(({ code, when }) => `\`${code}\`: ${when}`)]
    : [first?.when ?? usual];
  return {
    status,
    description: sentences.join('\n\n'),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        ...(isSeveral ? { examples: examplesOf(status, { isUsual, named }) } : {}),
        ...(first !== undefined && !isSeveral ? { example: problemExample(first.code, first.when) } : {}),
      },
    },
    ...(status === 503
      ? { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', example: 15 } } } }
      : {}),
  };
}

function examplesOf(status: number, { isUsual, named }: StatusProblems): Record<string, { value: object }> {
  const usual = problemExample(status, REASONS[status] ?? '');
  return Object.fromEntries([
    ...(isUsual ? [['usual', { value: usual }] as const] : []),
    ...named.map(({ code, when }) => [code, { value: problemExample(code, when) }] as const),
  ]);
}
