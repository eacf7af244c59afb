import { CommitPace } from './commit-pace';

describe('how long a write goes on before it commits', () => {
  it('is shortened at once when a commit takes long, but not below a reading stretch', () => {
    const pace = new CommitPace();
    expect(pace.stretchMs).toBe(200);
    pace.learn(200, 80);
    expect(pace.stretchMs).toBe(30);
    pace.learn(30, 1000);
    expect(pace.stretchMs).toBe(12);
  });

  it('is lengthened little by little while full stretches commit fast', () => {
    const pace = new CommitPace();
    pace.learn(200, 40);
    pace.learn(3, 0.2);
    expect(pace.stretchMs).toBe(60);
    pace.learn(61, 10);
    expect(pace.stretchMs).toBe(75);
    for (let commits = 0; commits < 10; commits += 1) pace.learn(200, 10);
    expect(pace.stretchMs).toBe(200);
  });
});
