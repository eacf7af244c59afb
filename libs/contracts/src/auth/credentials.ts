import { EMAIL_MAX_LENGTH, emailProblem, PASSWORD_LENGTH, passwordProblem } from '@app/domain';
import { z } from 'zod';
import { bodyOf, ruledTextField, textBodyField } from '../body-fields';

/** Past this no password is looked at when logging in; every one that can be right is shorter. */
const LONGEST_ATTEMPT = 1024;

const EMAIL = 'ann@example.com';
const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a newer staple for the horse';

const emailField = ruledTextField(emailProblem, {
  description: `An email address of at most ${EMAIL_MAX_LENGTH} characters; small and capital letters are the same.`,
  example: EMAIL,
});

const newPasswordField = (example: string): z.ZodString =>
  ruledTextField((text) => passwordProblem(text), {
    description: `${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters of any kind, not only spaces.`,
    example,
  });

const attemptedPasswordField = ruledTextField(
  (text) => {
    if (text === '') return 'must not be empty';
    return text.length > LONGEST_ATTEMPT ? `must have at most ${LONGEST_ATTEMPT} characters` : null;
  },
  { description: 'The password of the account.', example: PASSWORD },
);

const repeatedField = (name: string, example: string): z.ZodString =>
  textBodyField({ description: `The same as \`${name}\`.`, example });

/** Body of `POST /auth/register`. */
export const registerRequestSchema = z
  .strictObject(
    {
      email: emailField,
      password: newPasswordField(PASSWORD),
      password_confirm: repeatedField('password', PASSWORD),
    },
    bodyOf('send a JSON object with email, password and password_confirm'),
  )
  .superRefine((body, context) => {
    // The field itself has told of every other rule.
    const problem = passwordProblem(body.password) === null ? passwordProblem(body.password, body.email) : null;
    if (problem !== null) context.addIssue({ code: 'custom', path: ['password'], message: problem });
    if (body.password === body.password_confirm) return;
    context.addIssue({ code: 'custom', path: ['password_confirm'], message: 'must be the same as password' });
  })
  .meta({
    id: 'RegisterRequest',
    description: 'A new account.',
    example: { email: EMAIL, password: PASSWORD, password_confirm: PASSWORD },
  });

export type RegisterRequest = z.output<typeof registerRequestSchema>;

/** Body of `POST /auth/login`. */
export const loginRequestSchema = z
  .strictObject(
    { email: emailField, password: attemptedPasswordField },
    bodyOf('send a JSON object with email and password'),
  )
  .meta({ id: 'LoginRequest', description: 'Who logs in.', example: { email: EMAIL, password: PASSWORD } });

export type LoginRequest = z.output<typeof loginRequestSchema>;

const ignoredField = textBodyField({
  description: 'Part of the OAuth2 form; not used here.',
  example: '',
}).optional();

/** Form of `POST /auth/token`: the OAuth2 password grant. */
export const tokenFormSchema = z
  .strictObject(
    {
      username: ruledTextField(emailProblem, { description: 'The email address of the account.', example: EMAIL }),
      password: attemptedPasswordField,
      grant_type: ruledTextField((text) => (['', 'password'].includes(text) ? null : 'must be password, or left out'), {
        description: 'The OAuth2 grant: `password`.',
        example: 'password',
      }).optional(),
      scope: ignoredField,
      client_id: ignoredField,
      client_secret: ignoredField,
    },
    bodyOf('send a form with username and password, as application/x-www-form-urlencoded'),
  )
  .meta({
    id: 'TokenForm',
    description: 'The OAuth2 password form.',
    example: { grant_type: 'password', username: EMAIL, password: PASSWORD },
  });

export type TokenForm = z.output<typeof tokenFormSchema>;

/** Body of `POST /auth/change-password`. */
export const changePasswordRequestSchema = z
  .strictObject(
    {
      current_password: attemptedPasswordField,
      new_password: newPasswordField(NEW_PASSWORD),
      new_password_confirm: repeatedField('new_password', NEW_PASSWORD),
    },
    bodyOf('send a JSON object with current_password, new_password and new_password_confirm'),
  )
  .superRefine((body, context) => {
    if (body.new_password === body.new_password_confirm) return;
    context.addIssue({ code: 'custom', path: ['new_password_confirm'], message: 'must be the same as new_password' });
  })
  .meta({
    id: 'ChangePasswordRequest',
    description: 'The password of the account, and the one to have instead.',
    example: { current_password: PASSWORD, new_password: NEW_PASSWORD, new_password_confirm: NEW_PASSWORD },
  });

export type ChangePasswordRequest = z.output<typeof changePasswordRequestSchema>;
