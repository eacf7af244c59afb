import { HealthIndicator, type HealthReport, type HealthState } from './health-indicator';
import { HealthRegistry } from './health-registry';

class FixedHealth extends HealthIndicator {
  constructor(
    override readonly name: string,
    override readonly isEssential: boolean,
    private readonly answer: () => Promise<HealthReport>,
  ) {
    super();
  }

  override check(): Promise<HealthReport> {
    return this.answer();
  }
}

const says = (status: HealthState) => (): Promise<HealthReport> => Promise.resolve({ status, latencyMs: 1 });

describe('HealthRegistry', () => {
  it.each([
    ['up', 'up', 'healthy', true],
    ['up', 'degraded', 'degraded', true],
    ['up', 'down', 'degraded', true],
    ['degraded', 'up', 'degraded', true],
    ['down', 'up', 'unhealthy', false],
  ] as const)('essential %s and optional %s make it %s, ready %s', async (essential, optional, status, isReady) => {
    const registry = new HealthRegistry();
    registry.register(new FixedHealth('store', true, says(essential)));
    registry.register(new FixedHealth('venue', false, says(optional)));
    expect(await registry.check()).toMatchObject({
      status,
      isReady,
      checks: { store: { status: essential }, venue: { status: optional } },
    });
  });

  it('counts a check that throws as down, with the reason', async () => {
    const registry = new HealthRegistry();
    registry.register(new FixedHealth('store', true, () => Promise.reject(new Error('refused'))));
    expect((await registry.check()).checks['store']).toMatchObject({ status: 'down', detail: 'refused' });
  });

  it('counts a check that hangs as down', async () => {
    jest.useFakeTimers();
    try {
      const registry = new HealthRegistry();
      registry.register(new FixedHealth('store', true, () => new Promise(() => undefined)));
      const checked = registry.check();
      await jest.advanceTimersByTimeAsync(2_000);
      expect((await checked).checks['store']).toMatchObject({ status: 'down', detail: 'no answer within 2000 ms' });
    } finally {
      jest.useRealTimers();
    }
  });

  it('is not ready once stopping', async () => {
    const registry = new HealthRegistry();
    registry.beginStopping();
    expect(await registry.check()).toMatchObject({ status: 'healthy', isReady: false });
  });

  it('refuses two indicators of one name', () => {
    const registry = new HealthRegistry();
    registry.register(new FixedHealth('store', true, says('up')));
    expect(() => registry.register(new FixedHealth('store', true, says('up')))).toThrow('store');
  });
});
