import { emailProblem, normaliseEmail } from './email';

describe('email addresses', () => {
  it.each([
    'ann@example.com',
    '  ann@example.com ',
    'Ann.B+tag@Sub.Example.co.uk',
    "o'neil_1@ex-ample.org",
    'a@xn--bcher-kva.example',
    `${'a'.repeat(64)}@example.com`,
  ])('accepts %j', (address) => {
    expect(emailProblem(address)).toBeNull();
  });

  it.each([
    '',
    '   ',
    'ann',
    'ann@',
    '@example.com',
    'ann@example',
    'ann@@example.com',
    'ann @example.com',
    '.ann@example.com',
    'ann.@example.com',
    'a..b@example.com',
    'ann@-example.com',
    'ann@example..com',
    'ann@example.c',
    'ann@127.0.0.1',
    'ann@exämple.com',
    'ann@example.com\nbcc: bob@example.com',
    'Ann <ann@example.com>',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example.com`,
  ])('refuses %j', (address) => {
    expect(emailProblem(address)).not.toBeNull();
  });

  it('are the same whatever their case and the spaces around them', () => {
    expect(normaliseEmail(' Ann@Example.COM ')).toBe('ann@example.com');
  });
});
