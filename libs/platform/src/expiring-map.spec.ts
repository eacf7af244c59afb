import { SetClock } from '../test/set-clock';
import { ExpiringMap } from './expiring-map';

describe('ExpiringMap', () => {
  it('gives a value until its time is over, to the millisecond', () => {
    const clock = new SetClock();
    const map = new ExpiringMap<string>(clock);
    map.set('a', 'value', 100);
    clock.ms += 99;
    expect(map.get('a')).toBe('value');
    expect(map.keys()).toEqual(['a']);
    clock.ms += 1;
    expect(map.keys()).toEqual([]);
    expect(map.get('a')).toBeUndefined();
    expect(map.keep('a', 100)).toBe(false);
  });

  it('counts the time of what is kept from now', () => {
    const clock = new SetClock();
    const map = new ExpiringMap<string>(clock);
    map.set('a', 'value', 100);
    clock.ms += 60;
    expect(map.keep('a', 100)).toBe(true);
    expect(map.expiryOf('a')).toBe(clock.ms + 100);
    clock.ms += 99;
    expect(map.get('a')).toBe('value');
  });

  it('holds no more than lives and what expired in the last ten seconds, although nobody asks for it', () => {
    const clock = new SetClock();
    const map = new ExpiringMap<number>(clock);
    for (let second = 0; second < 100; second += 1) {
      for (let index = 0; index < 10; index += 1) map.set(`${second}:${index}`, index, 1_000);
      clock.ms += 1_000;
    }
    expect(map.size).toBeLessThanOrEqual(110);
  });

  it('sweeps although the clock is set back', () => {
    const clock = new SetClock();
    const map = new ExpiringMap<number>(clock);
    map.set('a', 1, 5_000);
    clock.ms -= 3_600_000;
    map.set('b', 2, 5_000);
    clock.ms += 3_620_000;
    map.set('c', 3, 5_000);
    expect(map.size).toBe(1);
  });
});
