import { DOMAIN_ERROR_CODES, DomainError } from '@app/domain';
import { BadRequestException, NotFoundException } from '@nestjs/common';
import { isConnectivityError, PROBLEMS, toProblem } from './problems';

const request = { method: 'GET', path: '/markets' };

describe('toProblem', () => {
  it('has a row with a status from 400 for every code', () => {
    for (const code of DOMAIN_ERROR_CODES) expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(PROBLEMS).sort()).toEqual([...DOMAIN_ERROR_CODES].sort());
  });

  it('turns a refusal into its row, with the sentence and the fields', () => {
    const fields = [{ field: 'page_size', message: 'must be at most 100' }];
    const { body, headers } = toProblem(
      new DomainError('REQUEST.UNACCEPTABLE', 'page_size is 101', { fields }),
      request,
    );
    expect(body).toEqual({
      type: 'urn:papertrading-pm:problem:REQUEST.UNACCEPTABLE',
      title: 'Request not acceptable',
      status: 422,
      detail: 'page_size is 101',
      instance: '/markets',
      code: 'REQUEST.UNACCEPTABLE',
      errors: fields,
    });
    expect(headers).toEqual({});
  });

  it.each([
    ['VENUE.BUSY', {}, 503, '5'],
    ['VENUE.BUSY', { retryAfterSeconds: 2.2 }, 503, '3'],
    ['VENUE.UNAVAILABLE', { retryAfterSeconds: 0 }, 503, '1'],
    ['STORE.UNAVAILABLE', {}, 503, '5'],
    ['VENUE.BAD_ANSWER', {}, 502, undefined],
  ] as const)('answers %s %p with %i and Retry-After %s', (code, details, status, retryAfter) => {
    const { body, headers } = toProblem(new DomainError(code, 'x', details), request);
    expect(body.status).toBe(status);
    expect(body.error_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['retry-after']).toBe(retryAfter);
  });

  it('asks for a bearer token with a 401', () => {
    expect(toProblem(new DomainError('AUTH.REQUIRED', 'no token'), request).headers).toEqual({
      'www-authenticate': 'Bearer',
    });
  });

  it.each(['MongoNetworkError', 'MongooseServerSelectionError', 'MongoPoolClearedError', 'MongoWaitQueueTimeoutError'])(
    'answers 503 for %s, also as a cause, without its text',
    (name) => {
      const driver = Object.assign(new Error('connect ECONNREFUSED mongodb://user:pw@h'), { name });
      const { body, headers } = toProblem(new Error('outer', { cause: driver }), request);
      expect(body).toMatchObject({ status: 503, code: 'STORE.UNAVAILABLE' });
      expect(body.detail).not.toContain('pw');
      expect(headers['retry-after']).toBe('5');
    },
  );

  it('does not take other database errors for connectivity', () => {
    expect(isConnectivityError(Object.assign(new Error('E11000'), { name: 'MongoServerError' }))).toBe(false);
  });

  it('hides what failed on our side behind an id', () => {
    const { body } = toProblem(new TypeError('cannot read secret of undefined'), request);
    expect(body).toMatchObject({ type: 'about:blank', status: 500, title: 'Internal Server Error' });
    expect(body.detail).not.toContain('secret');
    expect(body.error_id).toBeDefined();
  });

  it('answers unknown routes and other HTTP exceptions in words', () => {
    expect(toProblem(new NotFoundException('Cannot GET /markets'), request).body).toMatchObject({
      status: 404,
      detail: 'There is no GET /markets here; /docs lists every path.',
    });
    expect(toProblem(new BadRequestException('no'), request).body).toMatchObject({ status: 400, detail: 'no' });
  });

  it('survives anything thrown', () => {
    for (const thrown of [null, undefined, 'text', 5, {}]) expect(toProblem(thrown, request).body.status).toBe(500);
  });
});
