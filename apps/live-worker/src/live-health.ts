import { HealthIndicator, type HealthReport, HealthRegistry } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { LiveBooks } from './following/live-books';
import { LiveRunner } from './live-runner';

const MOST_NAMED = 5;

/** Reports the followed books in the health of a process that serves it. */
@Injectable()
export class LiveHealth extends HealthIndicator {
  override readonly name = 'live_books';
  override readonly isEssential = false;

  constructor(
    private readonly books: LiveBooks,
    private readonly runner: LiveRunner,
    registry: HealthRegistry,
  ) {
    super();
    registry.register(this);
  }

  override check(): Promise<HealthReport> {
    const { live, recovering, stale, halted } = this.books.countStates();
    const reasons = this.books
      .listNotLive(MOST_NAMED)
      .map(({ market_id: marketId, state, reason }) => `${marketId} is ${state}: ${reason}`);
    const counts = `${live} live, ${recovering} recovering, ${stale} stale, ${halted} halted`;
    const isAmiss = !this.runner.isInContact || (stale > 0 && live === 0);
    const contact = this.runner.isInContact ? [] : ['what is followed cannot be renewed'];
    return Promise.resolve({
      status: isAmiss ? 'degraded' : 'up',
      latencyMs: 0,
      detail: [counts, ...contact, ...reasons].join('; '),
    });
  }
}
