import { ApiExtension, type OpenAPIObject } from '@nestjs/swagger';

/** Under which a route shows what its answer looks like as CSV, until the document is whole. */
const CSV_EXAMPLE_EXTENSION = 'x-csv-example';

/** Documents that a route also answers as CSV, as its `format` parameter says. */
export function AlsoAsCsv(example: string): MethodDecorator {
  return ApiExtension(CSV_EXAMPLE_EXTENSION, example);
}

interface DocumentedOperation {
  responses?: Record<string, { content?: Record<string, unknown> }>;
  [CSV_EXAMPLE_EXTENSION]?: string;
}

/** Gives the answer of every route that is also CSV that content type. */
export function addCsvAnswers(document: OpenAPIObject): void {
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as DocumentedOperation[]) {
      const { [CSV_EXAMPLE_EXTENSION]: example } = operation;
      const answer = operation.responses?.['200'];
      if (example === undefined || answer === undefined) continue;
      answer.content = { ...answer.content, 'text/csv': { schema: { type: 'string' }, example } };
      delete operation[CSV_EXAMPLE_EXTENSION];
    }
  }
}
