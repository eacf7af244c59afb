import { formatHolder, isCertainlyGone, LeaseHolder, parseHolder, thisProcess } from './lease-holder';

const self: LeaseHolder = { host: 'box', pid: 10, instance: 'now' };
const alive = (): boolean => true;
const dead = (): boolean => false;

describe('lease holders', () => {
  it('are written as text and read back, colons in the host included', () => {
    const holder = { host: 'fe80::1', pid: 42, instance: 'abc' };
    expect(parseHolder(formatHolder(holder))).toEqual(holder);
    expect(parseHolder('nonsense')).toBeNull();
  });

  it.each([
    ['on this machine with a dead process', { ...self, pid: 11 }, dead, true],
    ['on this machine with a live process', { ...self, pid: 11 }, alive, false],
    ['with this very process number in an earlier life', { ...self, instance: 'before' }, alive, true],
    ['that is this process', self, dead, false],
    ['on another machine, whatever its process', { ...self, host: 'other', pid: 11 }, dead, false],
  ])('%s', (_what, holder, isAlive, gone) => expect(isCertainlyGone(holder, self, isAlive)).toBe(gone));

  it('tell by the operating system whether a process is there', () => {
    const here = thisProcess();
    expect(isCertainlyGone({ ...here, pid: process.ppid }, here)).toBe(false);
    expect(isCertainlyGone({ ...here, pid: 999_999_999 }, here)).toBe(true);
  });
});
