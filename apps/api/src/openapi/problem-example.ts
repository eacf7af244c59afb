import { problemSchema } from '@app/contracts';
import type { DomainErrorCode } from '@app/domain';
import { PROBLEMS } from '@app/platform';
import { STATUS_CODES } from 'node:http';

/** The refusal a status stands for where a route does not name another. */
const USUAL_CODES: Readonly<Record<number, DomainErrorCode>> = {
  401: 'AUTH.REQUIRED',
  403: 'AUTH.FORBIDDEN',
  404: 'MARKET.NOT_FOUND',
  409: 'JOB.ALREADY_RUNNING',
  503: 'VENUE.UNAVAILABLE',
};

/** Returns an example of the problem details a status, or a refusal, is answered with. */
export function problemExample(problem: number | DomainErrorCode, detail: string): Record<string, unknown> {
  if (problem === 422) return { ...(problemSchema.meta()?.example as object) };
  const code = typeof problem === 'string' ? problem : (USUAL_CODES[problem] ?? firstCodeOf(problem));
  const status = typeof problem === 'string' ? PROBLEMS[problem].status : problem;
  return {
    type: code === undefined ? 'about:blank' : `urn:papertrading-pm:problem:${code}`,
    title: code === undefined ? (STATUS_CODES[status] ?? 'Error') : PROBLEMS[code].title,
    status,
    detail,
    instance: '/markets',
    ...(code === undefined ? {} : { code }),
    ...(status >= 500 ? { error_id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10' } : {}),
  };
}

function firstCodeOf(status: number): DomainErrorCode | undefined {
  const codes = Object.keys(PROBLEMS) as DomainErrorCode[];
  return codes.find((code) => PROBLEMS[code].status === status);
}
