import { createSimulator, type Fault, type RequestReport, type SimulatorOptions } from '../../../apps/simulator/src';

/** A simulated venue in this process, with its control port at hand. */
export interface TestSimulator {
  readonly url: string;
  readonly gammaUrl: string;
  readonly clobUrl: string;
  readonly dataUrl: string;
  readonly controlUrl: string;
  /** What was asked since the start or the last reset. */
  requests(): RequestReport;
  /** Adds faults for the next matching requests. */
  fault(...faults: FaultInput[]): Promise<void>;
  /** Changes one market by the keys of the control port. Answers its Gamma object. */
  change(slug: string, change: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Opens new markets; answers their slugs. */
  addMarkets(count: number): Promise<string[]>;
  /** Moves the world's clock. */
  advance(seconds: number): Promise<void>;
  /** Forgets requests and waiting faults. */
  reset(): Promise<void>;
  /**
   * Gamma objects as the venue answers them now, ascending by id.
   * @param listed only what the cursor lists show: active and not archived
   */
  markets(options?: { listed?: boolean }): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** A fault without the keys that have a default: once, at once. */
export type FaultInput = { kind: Fault['kind']; path: string } & Record<string, unknown>;

/** Starts a simulator on a free port: 500 markets of seed 1, a clock that stands still, and no rate limit unless told otherwise. */
export async function startTestSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const simulator = await createSimulator({ markets: 500, ...options });
  const { controlUrl } = simulator;

  async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(controlUrl + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const parsed = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`control ${method} ${path} answered ${answer.status}: ${JSON.stringify(parsed)}`);
    return parsed;
  }

  return {
    url: simulator.url,
    gammaUrl: simulator.gammaUrl,
    clobUrl: simulator.clobUrl,
    dataUrl: simulator.dataUrl,
    controlUrl,
    requests: () => simulator.requests(),
    async fault(...faults) {
      await control('POST', '/faults', faults);
    },
    change: (slug, change) => control('POST', `/markets/${encodeURIComponent(slug)}`, change),
    async addMarkets(count) {
      return (await control('POST', '/markets', { count })).slugs as string[];
    },
    async advance(seconds) {
      await control('POST', '/tick', { seconds });
    },
    async reset() {
      await control('POST', '/reset');
    },
    async markets({ listed = false } = {}) {
      const rows: Record<string, unknown>[] = [];
      for (let from: number | null = 0; from !== null;) {
        const page = await control('GET', `/markets?from=${from}&limit=500&listed=${listed}`);
        rows.push(...(page.markets as Record<string, unknown>[]));
        from = page.next as number | null;
      }
      return rows;
    },
    stop: () => simulator.stop(),
  };
}
