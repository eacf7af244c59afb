import { z } from 'zod';

/** What the command that makes the first admin reads besides the address of the database. */
export const adminCreateEnv = z.object({
  ADMIN_PASSWORD: z.string().optional().meta({
    description:
      'Password of the admin to be made, where nobody can be asked for it. Give it to that one command; do not keep it in a file.',
    secret: true,
  }),
});
