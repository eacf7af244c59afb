import { VersionTrail } from './version-trail';

function trailFrom(version: number): VersionTrail {
  const trail = new VersionTrail(100);
  trail.begin(version);
  return trail;
}

describe('VersionTrail', () => {
  it('misses nothing while versions come, in whatever order and however often', () => {
    const trail = trailFrom(4);
    for (const version of [5, 5, 7, 6, 3, 8]) trail.see(version, 0);
    expect(trail.isMissing(1_000)).toBe(false);
  });

  it('counts what was told before it began', () => {
    const trail = new VersionTrail(100);
    trail.see(5, 0);
    trail.see(7, 0);
    trail.begin(6);
    trail.see(8, 0);
    expect(trail.isMissing(1_000)).toBe(false);
  });

  it('says once that a version did not come, after a moment', () => {
    const trail = trailFrom(4);
    trail.see(6, 0);
    trail.see(7, 90);
    expect([trail.isMissing(99), trail.isMissing(100), trail.isMissing(101)]).toEqual([false, true, false]);
    trail.see(8, 200);
    expect(trail.isMissing(1_000)).toBe(false);
  });
});
