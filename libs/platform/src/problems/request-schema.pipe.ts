import { DomainError, type FieldProblem } from '@app/domain';
import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';

type Issue = { readonly message: string; readonly path?: readonly unknown[] };

const MOST_FIELDS = 20;

/**
 * Parses bodies, queries and path parameters by the schema given to `@Body`, `@Query` or `@Param`, and refuses what does not fit
 * with a 422 that names every bad field as the client spelled it.
 */
@Injectable()
export class RequestSchemaPipe extends StandardSchemaValidationPipe {
  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema } = metadata;
    if (!schema || !this.toValidate(metadata)) return value;
    this.stripProtoKeys(value);
    const result = await schema['~standard'].validate(value);
    if (!result.issues) return result.value as T;
    const whole = metadata.data ?? metadata.type;
    throw new RequestRefused(result.issues.flatMap((issue) => toFieldProblems(issue, whole)));
  }
}

class RequestRefused extends DomainError {
  constructor(problems: readonly FieldProblem[]) {
    const fields = problems.slice(0, MOST_FIELDS);
    const rest = problems.length - fields.length;
    const sentence = fields.map(({ field, message }) => `${field}: ${message}`).join('; ');
    super('REQUEST.UNACCEPTABLE', rest > 0 ? `${sentence}; and ${rest} more` : sentence, { fields });
  }
}

function toFieldProblems(issue: Issue, whole: string): FieldProblem[] {
  const path = (issue.path ?? []).map((part) =>
    String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part),
  );
  // zod reports unknown fields on their parent; the client looks for the field itself.
  if ('code' in issue && issue.code === 'unrecognized_keys' && 'keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      field: shorten([...path, String(key)].join('.')),
      message: 'is not a known field; check its spelling',
    }));
  }
  return [{ field: shorten(path.length > 0 ? path.join('.') : whole), message: issue.message }];
}

function shorten(field: string): string {
  return field.length <= 100 ? field : `${field.slice(0, 99)}…`;
}
