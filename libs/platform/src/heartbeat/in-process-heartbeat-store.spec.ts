import { itKeepsTheHeartbeatContract } from '../../test/heartbeat.contract';
import { Clock, SystemClock } from '../clock';
import { HEARTBEAT_KEPT_MS } from './heartbeat-store';
import { InProcessHeartbeatStore } from './in-process-heartbeat-store';

describe('InProcessHeartbeatStore', () => {
  itKeepsTheHeartbeatContract(() => new InProcessHeartbeatStore(new SystemClock()));

  it('forgets a process an hour after its last beat', async () => {
    let nowMs = 0;
    const clock: Clock = { now: () => new Date(nowMs) };
    const store = new InProcessHeartbeatStore(clock);
    await store.beat('worker', clock.now());
    nowMs = HEARTBEAT_KEPT_MS - 1;
    expect(await store.list()).toHaveLength(1);
    nowMs = HEARTBEAT_KEPT_MS;
    expect(await store.list()).toEqual([]);
  });
});
