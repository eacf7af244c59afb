import type { DomainErrorCode, RateLimitGroup } from '@app/domain';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DEFAULT_GROUP, RATE_LIMIT_GROUP_EXTENSION, UNLIMITED } from '../throttling/rate-limit-group.decorator';
import { problemExample } from './problem-example';

const HEADERS = {
  'RateLimit-Limit': { description: 'Requests allowed in the window.', schema: { type: 'integer', example: 100 } },
  'RateLimit-Remaining': {
    description: 'How many of them are left now.',
    schema: { type: 'integer', example: 0 },
  },
  'RateLimit-Reset': {
    description: 'Seconds until the oldest counted request leaves the window and makes room for another.',
    schema: { type: 'integer', example: 23 },
  },
} as const;

const RETRY_AFTER = { description: 'Seconds to wait.', schema: { type: 'integer', example: 23 } } as const;

const REFUSALS: Readonly<Record<RateLimitGroup, { code: DomainErrorCode; when: string }>> = {
  login: {
    code: 'AUTH.TOO_MANY_ATTEMPTS',
    when: 'Too many logins from this address; `Retry-After` says when to try again.',
  },
  register: {
    code: 'AUTH.TOO_MANY_ATTEMPTS',
    when: 'Too many registrations from this address; `Retry-After` says when to try again.',
  },
  api: {
    code: 'REQUEST.TOO_MANY',
    when: 'Too many requests of this account, or from this address without a token; `Retry-After` says when to try again.',
  },
};

interface DocumentedAnswer {
  description: string;
  content?: object;
  headers?: object;
}

interface DocumentedOperation {
  responses?: Record<string, DocumentedAnswer>;
  [RATE_LIMIT_GROUP_EXTENSION]?: RateLimitGroup | typeof UNLIMITED;
}

/** Documents, of every route whose requests are counted, the answer to one too many and the headers that say what is left. */
export function addRateLimits(document: OpenAPIObject): void {
  const components = (document.components ??= {});
  components.headers = { ...components.headers, ...HEADERS };
  const references = Object.fromEntries(
    Object.keys(HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as DocumentedOperation[]) {
      const group = operation[RATE_LIMIT_GROUP_EXTENSION] ?? DEFAULT_GROUP;
      if (group === UNLIMITED) continue;
      operation[RATE_LIMIT_GROUP_EXTENSION] = group;
      const responses = (operation.responses ??= {});
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) < 400) response.headers = { ...response.headers, ...references };
      }
      const { code, when } = REFUSALS[group];
      responses['429'] = {
        description: when,
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            example: problemExample(code, when),
          },
        },
        headers: { 'Retry-After': RETRY_AFTER, ...references },
      };
    }
  }
}
