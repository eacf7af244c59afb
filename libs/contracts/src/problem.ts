import { DOMAIN_ERROR_CODES } from '@app/domain';
import { z } from 'zod';
import { countField } from './scalars';

export const fieldProblemSchema = z
  .strictObject({
    field: z.string().meta({ description: 'The field as the client spelled it.', example: 'page_size' }),
    message: z.string().meta({
      description: 'What was wrong and what would be right.',
      example: 'must be a whole number from 1 to 100; got "101"',
    }),
  })
  .meta({ id: 'FieldProblem', description: 'One field that was not acceptable.' });

const EXAMPLE = {
  type: 'urn:papertrading-pm:problem:REQUEST.UNACCEPTABLE',
  title: 'Request not acceptable',
  status: 422,
  detail: 'page_size: must be a whole number from 1 to 100; got "101"',
  instance: '/markets',
  code: 'REQUEST.UNACCEPTABLE',
  errors: [{ field: 'page_size', message: 'must be a whole number from 1 to 100; got "101"' }],
} as const;

/** RFC 9457 problem details: the body of every answer of 400 and above. */
export const problemSchema = z
  .strictObject({
    type: z.string().meta({
      description: 'The kind of problem: a URN that ends in `code`, or about:blank when the status says it all.',
      example: EXAMPLE.type,
    }),
    title: z.string().meta({ description: 'The kind of problem in a few words.', example: EXAMPLE.title }),
    status: countField('The HTTP status.', EXAMPLE.status),
    detail: z.string().meta({ description: 'A sentence a person can act on.', example: EXAMPLE.detail }),
    instance: z.string().meta({ description: 'The path that was asked.', example: EXAMPLE.instance }),
    code: z
      .enum(DOMAIN_ERROR_CODES)
      .optional()
      .meta({ description: 'Stable code of a refusal.', example: EXAMPLE.code }),
    errors: z.array(fieldProblemSchema).optional().meta({ description: 'The fields at fault, when fields were.' }),
    error_id: z.string().optional().meta({
      description: 'On answers of 500 and above: found again in the server log.',
      example: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
    }),
  })
  .meta({
    id: 'Problem',
    description: 'Problem details (RFC 9457), sent as application/problem+json.',
    example: EXAMPLE,
  });

export type ProblemBody = z.infer<typeof problemSchema>;
