import { AskSchedule, FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './ask-schedule';

const at = (ms: number): Date => new Date(1_000_000 + ms);

describe('AskSchedule', () => {
  it('asks at once, then in pauses that double up to the longest', () => {
    const schedule = new AskSchedule();
    const pauses: number[] = [];
    let now = 0;
    for (let asks = 0; asks < 8; asks += 1) {
      expect(schedule.due(['m'], at(now), 10)).toEqual(['m']);
      schedule.answered('m', at(now));
      expect(schedule.due(['m'], at(now), 10)).toEqual([]);
      let pause = FIRST_PAUSE_MS;
      while (schedule.due(['m'], at(now + pause), 10).length === 0) pause += FIRST_PAUSE_MS;
      pauses.push(pause);
      now += pause;
    }
    expect(pauses).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
    expect(pauses.at(-1)).toBe(LONGEST_PAUSE_MS);
  });

  it('takes those that waited longest when there are too many', () => {
    const schedule = new AskSchedule();
    schedule.answered('late', at(1_000));
    schedule.answered('early', at(0));
    expect(schedule.due(['late', 'early', 'new'], at(60_000), 2)).toEqual(['new', 'early']);
  });

  it('asks again soon while the venue is silent, and then goes on where it was', () => {
    const schedule = new AskSchedule();
    schedule.unanswered('m', at(0));
    schedule.unanswered('m', at(15_000));
    expect(schedule.due(['m'], at(29_999), 10)).toEqual([]);
    expect(schedule.due(['m'], at(30_000), 10)).toEqual(['m']);
    schedule.answered('m', at(30_000));
    expect(schedule.due(['m'], at(44_999), 10)).toEqual([]);
    expect(schedule.due(['m'], at(45_000), 10)).toEqual(['m']);
  });

  it('forgets what is no longer held, and begins anew', () => {
    const schedule = new AskSchedule();
    schedule.answered('m', at(0));
    expect(schedule.due([], at(0), 10)).toEqual([]);
    expect(schedule.due(['m'], at(0), 10)).toEqual(['m']);
  });
});
