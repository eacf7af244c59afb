import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { addCsvAnswers } from './csv-answers';
import { problemExample } from './problem-example';
import { addRateLimits } from './rate-limits';

const DESCRIPTION = `Paper trading for Polymarket prediction markets: real markets, real order books, no real money.

- Times are ISO 8601 in UTC; fields called \`t\` are Unix seconds.
- Money (USDC), prices and share quantities are JSON numbers that show the exact decimal, at most six places; from 8,589,934,592 on they have more digits than a double keeps. Requests take a number or its decimal text; what has more decimals is a 422, never rounded.
- A request that moves paper money takes an \`Idempotency-Key\`: sent again with the same key it is answered as the first time, and does nothing again.
- Errors are RFC 9457 problem details: \`detail\` says what to do, \`errors\` names the fields.
- Access tokens go into \`Authorization: Bearer\` or, where a client cannot set headers, into \`?token=\`.
- Requests are limited by account, or by address without a token: \`RateLimit-*\` headers say what is left, and one too many is a 429 with \`Retry-After\`.
- While market data comes from a simulated venue, every answer about markets and portfolios carries \`x-market-data: simulated\`.
- Live books, prices, trades and what happens to portfolios come over the WebSocket \`/ws/live?token=TOKEN\`: \`docs/live.md\`.`;

/** Builds the OpenAPI document of the app. */
export function buildOpenApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('PaperTradingPM')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addTag('markets', 'Markets, their price history, order books and open interest.')
    .addTag('market stream', 'Live order books for clients that poll; /ws/live tells them as they change.')
    .addTag('portfolios', 'Portfolios, their positions, complete sets and the ledger.')
    .addTag('orders', 'Orders against the real order books, and why they filled.')
    .addTag('trades', 'Fills, trading at once, and the export.')
    .addTag('performance', 'Metrics, and marking to market over time.')
    .addTag('auth', 'Opening an account, logging in, and the own account.')
    .addTag('admin', 'Accounts, settings, rate limits and the audit log, for admins.')
    .addTag('market refresh', 'Refreshes on demand, for admins.')
    .addTag('health', 'Whether the server and what it depends on are well.')
    // The page at /docs logs in by it: its button "Authorize" asks for the address and the password.
    .addOAuth2({ type: 'oauth2', flows: { password: { tokenUrl: '/auth/token', scopes: {} } } }, 'login')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'token' }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...problemComponents() },
  };
  addRateLimits(document);
  addCsvAnswers(document);
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

/** Gives every documented problem an example with its own status and title, where it has none, and says where it would come from. */
function addProblemExamples(document: OpenAPIObject): void {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations) as { responses?: Record<string, unknown> }[]) {
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const { content, description } = response as {
          content?: Record<string, { example?: object; examples?: Record<string, { value: object }> }>;
          description?: string;
        };
        const problem = content?.['application/problem+json'];
        if (problem === undefined) continue;
        if (problem.examples === undefined) {
          const example = problem.example ?? problemExample(Number(status), description ?? '');
          problem.example = { ...example, instance: path };
        }
        for (const example of Object.values(problem.examples ?? {}))
          example.value = { ...example.value, instance: path };
      }
    }
  }
}
