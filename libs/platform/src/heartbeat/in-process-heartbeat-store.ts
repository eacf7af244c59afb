import type { Clock } from '../clock';
import { type Heartbeat, HEARTBEAT_KEPT_MS, HeartbeatStore } from './heartbeat-store';

/** Heartbeats of the modules that share this process. */
export class InProcessHeartbeatStore extends HeartbeatStore {
  private readonly beats = new Map<string, { heartbeat: Heartbeat; expiresAtMs: number }>();

  constructor(private readonly clock: Clock) {
    super();
  }

  override beat(process: string, at: Date, detail: Record<string, unknown> = {}): Promise<void> {
    const expiresAtMs = this.clock.now().getTime() + HEARTBEAT_KEPT_MS;
    this.beats.set(process, { heartbeat: { process, at, detail: structuredClone(detail) }, expiresAtMs });
    return Promise.resolve();
  }

  override end(process: string): Promise<void> {
    this.beats.delete(process);
    return Promise.resolve();
  }

  override list(): Promise<Heartbeat[]> {
    const nowMs = this.clock.now().getTime();
    for (const [process, beat] of this.beats) if (beat.expiresAtMs <= nowMs) this.beats.delete(process);
    const alive = [...this.beats.values()].map((beat) => structuredClone(beat.heartbeat));
    return Promise.resolve(alive.sort((a, b) => (a.process < b.process ? -1 : 1)));
  }
}
