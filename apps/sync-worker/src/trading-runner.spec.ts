import { DomainError } from '@app/domain';
import { ManualClock, waitFor } from '@app/testing';
import { Logger } from '@nestjs/common';
import type { PeriodicTask } from './tasks/periodic-task';
import { TradingRunner } from './trading-runner';

const clock = new ManualClock();
let runner: TradingRunner;

function start(...tasks: Omit<PeriodicTask, 'name'>[]): void {
  runner = new TradingRunner(
    clock,
    tasks.map((task, index) => ({ name: `task ${index}`, ...task })),
  );
  runner.onApplicationBootstrap();
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

afterEach(() => runner.onModuleDestroy());

describe('the runner of trading', () => {
  it('runs each task again and again, whatever another one does', async () => {
    let runs = 0;
    let end = (): void => undefined;
    const long = new Promise<void>((resolve) => (end = resolve));
    start(
      { everyMs: 1, run: () => long },
      { everyMs: 1, run: () => Promise.reject(new Error('it went wrong')) },
      { everyMs: 1, run: () => Promise.reject(new DomainError('STORE.UNAVAILABLE', 'away')) },
      {
        everyMs: 1,
        run: ({ now }) => {
          expect(now).toEqual(clock.now());
          runs += 1;
          return Promise.resolve();
        },
      },
    );
    await waitFor(() => runs >= 5);
    end();
  });

  it('never runs a task beside itself', async () => {
    let under = 0;
    let most = 0;
    let runs = 0;
    start({
      everyMs: 0,
      run: async () => {
        under += 1;
        most = Math.max(most, under);
        await new Promise((resolve) => setImmediate(resolve));
        under -= 1;
        runs += 1;
      },
    });
    await waitFor(() => runs >= 10);
    expect(most).toBe(1);
  });

  it('tells a task that it stops, waits for its end, and begins nothing more', async () => {
    const told: string[] = [];
    start({
      everyMs: 0,
      run: async ({ signal }) => {
        told.push('began');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        told.push('ended');
        signal.throwIfAborted();
      },
    });
    await waitFor(() => told.length === 1);
    await runner.onModuleDestroy();
    expect(told).toEqual(['began', 'ended']);
  });
});
