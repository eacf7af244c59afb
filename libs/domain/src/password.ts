/** Characters (code points) of a password, and bytes of UTF-8 beyond which no hash is asked. */
export const PASSWORD_LENGTH = { min: 8, max: 128, maxBytes: 512 } as const;

/** Returns the form of a password that is hashed: the same text typed on another keyboard is the same password. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Returns the rule a new password breaks, as a sentence without its subject; null when it breaks none. Never repeats the password. */
export function passwordProblem(password: string, email?: string): string | null {
  const { min, max, maxBytes } = PASSWORD_LENGTH;
  const characters = [...password];
  if (characters.length < min) return `must have at least ${min} characters`;
  if (characters.length > max) return `must have at most ${max} characters`;
  if (/\p{Surrogate}/u.test(password)) return 'must be text without broken characters';
  const hashed = normalisePassword(password);
  if (utf8Length(hashed) > maxBytes) return `must take at most ${maxBytes} bytes in UTF-8`;
  if (hashed.trim() === '') return 'must not be only spaces';
  if (email !== undefined && hashed.trim().toLowerCase() === email.trim().toLowerCase())
    return 'must not be the email address';
  return null;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
