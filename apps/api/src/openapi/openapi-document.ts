import { problemSchema } from '@app/contracts';
import { PROBLEMS } from '@app/platform';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { addRateLimits } from './rate-limits';

const DESCRIPTION = `Paper trading for Polymarket prediction markets: real markets, real order books, no real money.

- Times are ISO 8601 in UTC; fields called \`t\` are Unix seconds.
- Money (USDC), prices and share quantities are JSON numbers that show the exact decimal, at most six places.
- Errors are RFC 9457 problem details: \`detail\` says what to do, \`errors\` names the fields.
- Access tokens go into \`Authorization: Bearer\` or, where a client cannot set headers, into \`?token=\`.
- While market data comes from a simulated venue, every market answer carries \`x-market-data: simulated\`.`;

/** Builds the OpenAPI document of the app. */
export function buildOpenApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('PaperTradingPM')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addTag('markets', 'Markets, their price history, order books and open interest.')
    .addTag('market refresh', 'Refreshes on demand, for admins.')
    .addTag('health', 'Whether the server and what it depends on are well.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'token' }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...problemComponents() },
  };
  addRateLimits(document);
  addProblemExamples(document);
  return document;
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Problem details are referred to by hand-written responses, so that nothing else brings their schemas into the document. */
function problemComponents(): Schemas {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    target: 'openapi-3.0',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    ['Problem', 'FieldProblem'].map((name) => {
      const schema = Object.entries(schemas[name] ?? {}).filter(([key]) => !['$schema', '$id', 'id'].includes(key));
      return [name, Object.fromEntries(schema)];
    }),
  );
}

/** Gives every documented problem an example with its own status and title. */
function addProblemExamples(document: OpenAPIObject): void {
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as { responses?: Record<string, unknown> }[]) {
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const { content, description } = response as {
          content?: Record<string, { example?: unknown }>;
          description?: string;
        };
        const problem = content?.['application/problem+json'];
        if (problem !== undefined) problem.example = problemExample(Number(status), description ?? '');
      }
    }
  }
}

function problemExample(status: number, detail: string): Record<string, unknown> {
  const row = Object.entries(PROBLEMS).find(([, problem]) => problem.status === status);
  if (status === 422) return { ...(problemSchema.meta()?.example as object) };
  return {
    type: row === undefined ? 'about:blank' : `urn:papertrading-pm:problem:${row[0]}`,
    title: row === undefined ? (STATUS_CODES[status] ?? 'Error') : row[1].title,
    status,
    detail,
    instance: '/markets',
    ...(row === undefined ? {} : { code: row[0] }),
    ...(status >= 500 ? { error_id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10' } : {}),
  };
}
