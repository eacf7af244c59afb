import fc from 'fast-check';
import { emailProblem, normaliseEmail } from './email';
import { normalisePassword, passwordProblem } from './password';

describe('credentials, for any text', () => {
  it('accepts common addresses, and takes their key for the same address', () => {
    fc.assert(
      fc.property(fc.emailAddress({ size: 'small' }), fc.mixedCase(fc.constant('example.com')), (address, domain) => {
        fc.pre(emailProblem(address) === null);
        const [local = ''] = address.split('@');
        const key = normaliseEmail(` ${local}@${domain}`);
        expect(emailProblem(key)).toBeNull();
        expect(normaliseEmail(key)).toBe(key);
        expect(key).toBe(`${local.toLowerCase()}@example.com`);
      }),
    );
  });

  it('never accepts an address with spaces, controls or angle brackets inside', () => {
    const culprit = fc.constantFrom(' ', '\n', '\r', '\0', '<', '>', ',', ';', '"', '\\');
    fc.assert(
      fc.property(fc.string(), culprit, fc.string(), (before, bad, after) => {
        expect(emailProblem(`a${before}${bad}${after}b@example.com`)).not.toBeNull();
      }),
    );
  });

  it('accepts no password that is empty, broken or too much for the hash once it is normalised', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (password) => {
        fc.pre(passwordProblem(password) === null);
        const hashed = normalisePassword(password);
        expect(Buffer.byteLength(hashed)).toBeLessThanOrEqual(512);
        expect(hashed.trim()).not.toBe('');
        expect(Buffer.from(hashed).toString()).toBe(hashed);
      }),
    );
  });
});
