import { clientAddressOf, writtenAddressOf } from './client-address';

describe('clientAddressOf', () => {
  const proxy = { remoteAddress: '10.0.0.1' };

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:51422', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::1', '::1'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::7]:443', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::7]', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('takes %s for %s', (ip, expected) => {
    expect(clientAddressOf({ ip, socket: proxy })).toBe(expected);
  });

  it.each(['unknown', '', '_hidden', '203.0.113.9:port', '203.0.113.999', '203.0.113.9; x', '[not-one]:80'])(
    "counts %p, which is no address, as the proxy's own",
    (ip) => {
      expect(clientAddressOf({ ip, socket: proxy })).toBe('10.0.0.1');
    },
  );

  it('has one name for all whose connection is gone', () => {
    expect(clientAddressOf({ ip: '', socket: {} })).toBe('unknown');
  });
});

describe('writtenAddressOf', () => {
  const socket = { remoteAddress: '10.0.0.1' };

  it.each([
    ['203.0.113.9:51422', '203.0.113.9'],
    ['2001:db8:1:2::7', '2001:db8:1:2::7'],
    ['[2001:db8:1:2::7]:443', '2001:db8:1:2::7'],
    ['<script>', '10.0.0.1'],
    ['x'.repeat(10_000), '10.0.0.1'],
  ])('is an address and nothing else, whatever a proxy wrote (%#)', (ip, expected) => {
    expect(writtenAddressOf({ ip, socket })).toBe(expected);
  });

  it('is none when the connection is gone', () => {
    expect(writtenAddressOf({ ip: '', socket: {} })).toBeNull();
  });
});
