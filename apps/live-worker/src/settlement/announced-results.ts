import { Clock } from '@app/platform';
import { SettlementService } from '@app/trading';
import { Injectable, Logger } from '@nestjs/common';
import type { Announcement, LiveBooks } from '../following/live-books';

/** How long after one question about an announced result the next one follows, ms; afterwards it is left to the settlement of every market. */
const PAUSES_MS = [5_000, 10_000, 30_000, 60_000, 120_000];

const RESOLVED = 'The market was resolved.';

interface Awaited extends Announcement {
  asked: number;
  nextAtMs: number;
}

/**
 * Sees results that the stream announced through (rule G1): an announcement alone pays nobody, so the venue is asked until it confirms it. Meanwhile the book is halted, and
 * nothing fills.
 */
@Injectable()
export class AnnouncedResults {
  private readonly logger = new Logger('AnnouncedResults');
  private readonly awaited = new Map<string, Awaited>();

  constructor(
    private readonly settlement: SettlementService,
    private readonly clock: Clock,
  ) {}

  /** Asks about the announcements that are due. Never rejects. */
  async settleDue(books: LiveBooks, signal: AbortSignal): Promise<void> {
    for (const announcement of books.takeAnnouncements()) this.expect(announcement);
    const nowMs = this.clock.now().getTime();
    for (const awaited of [...this.awaited.values()].filter(({ nextAtMs }) => nextAtMs <= nowMs)) {
      if (signal.aborted) return;
      await this.settle(awaited, books, signal);
    }
  }

  /** Each token's feed may tell of the same result. */
  private expect(announcement: Announcement): void {
    if (this.awaited.has(announcement.conditionId)) return;
    this.awaited.set(announcement.conditionId, { ...announcement, asked: 0, nextAtMs: 0 });
  }

  private async settle(awaited: Awaited, books: LiveBooks, signal: AbortSignal): Promise<void> {
    const { conditionId } = awaited;
    try {
      const end = await this.settlement.settleAnnounced(awaited, this.clock.now(), signal);
      if (end !== 'open') books.find(conditionId)?.resting?.close(RESOLVED);
      if (end === 'resolved') {
        this.awaited.delete(conditionId);
        return;
      }
    } catch (err) {
      if (signal.aborted) return;
      this.logger.warn({ msg: 'An announced result could not be settled yet', condition: conditionId, err });
    }
    const pauseMs = PAUSES_MS[awaited.asked];
    awaited.asked += 1;
    if (pauseMs === undefined) this.awaited.delete(conditionId);
    else awaited.nextAtMs = this.clock.now().getTime() + pauseMs;
  }
}
