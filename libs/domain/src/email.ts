/** Longest address accepted, as mail servers hold it (RFC 5321 through erratum 1690). */
export const EMAIL_MAX_LENGTH = 254;

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const DOMAIN_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const TOP_LEVEL = /^([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/i;

/** Returns what is wrong with an email address, as a sentence without its subject; null when nothing is. Spaces around it do not count. */
export function emailProblem(text: string): string | null {
  const address = text.trim();
  if (address === '') return 'must not be empty';
  if (address.length > EMAIL_MAX_LENGTH) return `must have at most ${EMAIL_MAX_LENGTH} characters`;
  return isAddress(address) ? null : 'must be an email address such as ann@example.com';
}

function isAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const labels = address.slice(at + 1).split('.');
  return (
    at > 0 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    labels.length > 1 &&
    labels.every((label) => DOMAIN_LABEL.test(label)) &&
    TOP_LEVEL.test(labels.at(-1) ?? '')
  );
}

/** Returns the key under which an address is unique: without the spaces around it, in small letters. */
export function normaliseEmail(text: string): string {
  return text.trim().toLowerCase();
}
