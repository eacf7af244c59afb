import type { z } from 'zod';
import { changePasswordRequestSchema, loginRequestSchema, registerRequestSchema, tokenFormSchema } from './credentials';

const PASSWORD = 'correct horse battery staple';
const right = { email: 'ann@example.com', password: PASSWORD, password_confirm: PASSWORD };

function problemsOf(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('what people send to say who they are', () => {
  it('is taken as it is', () => {
    expect(registerRequestSchema.parse(right)).toEqual(right);
    const spaced = { email: 'ann@example.com', password: '  kept  ' };
    expect(loginRequestSchema.parse(spaced)).toEqual(spaced);
  });

  it.each([
    [{ ...right, email: undefined }, ['email: is missing']],
    [{ ...right, email: { $gt: '' } }, ['email: must be text']],
    [{ ...right, email: 'ann' }, ['email: must be an email address such as ann@example.com']],
    [{ ...right, password: ['x'] }, ['password: give this once, as text']],
    [{ ...right, password_confirm: 'else' }, ['password_confirm: must be the same as password']],
    [
      { email: right.email, password: 'short', password_confirm: 'short' },
      ['password: must have at least 8 characters'],
    ],
    [
      { email: right.email, password: 'Ann@example.com', password_confirm: 'Ann@example.com' },
      ['password: must not be the email address'],
    ],
    [[], [': send a JSON object with email, password and password_confirm']],
  ])('is refused in words: %j', (body, problems) => {
    expect(problemsOf(registerRequestSchema, body)).toEqual(problems);
  });

  it.each([
    ['a grant left empty', { username: 'ann@example.com', password: 'x', grant_type: '', scope: '' }, []],
    [
      'another grant',
      { username: 'ann@example.com', password: 'x', grant_type: 'code' },
      ['grant_type: must be password, or left out'],
    ],
    [
      'two addresses',
      { username: ['a@example.com', 'b@example.com'], password: 'x' },
      ['username: give this once, as text'],
    ],
  ])('may come as a form with %s', (_what, form, problems) => {
    expect(problemsOf(tokenFormSchema, form)).toEqual(problems);
  });

  it('looks at a password of any rule when it is only checked', () => {
    expect(problemsOf(loginRequestSchema, { email: 'ann@example.com', password: 'x' })).toEqual([]);
    expect(problemsOf(loginRequestSchema, { email: 'ann@example.com', password: 'x'.repeat(1_025) })).toEqual([
      'password: must have at most 1024 characters',
    ]);
    const change = { current_password: 'x', new_password: PASSWORD, new_password_confirm: PASSWORD };
    expect(problemsOf(changePasswordRequestSchema, change)).toEqual([]);
    expect(problemsOf(changePasswordRequestSchema, { ...change, new_password_confirm: '' })).toEqual([
      'new_password_confirm: must be the same as new_password',
    ]);
  });
});
