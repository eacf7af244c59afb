import { INTEREST_CHANNEL } from '@app/contracts';
import { type Interest, InterestStore, MessageBus } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { reached } from '../reached';
import type { InterestHolder } from './interest-holder';
import { subjectOf, type WatchedToken, watchedTokenOf } from './watched-token';

/** How long an interest counts without being renewed, milliseconds; who keeps one renews it about three times as often. */
export const INTEREST_TTL_MS = 90_000;

/** What one holder wants. */
export interface Wanted {
  holder: InterestHolder;
  tokens: readonly WatchedToken[];
}

/**
 * Who wants which tokens followed. Every interest is one holder's own: its end never ends another's, and without renewal it ends by itself. What is new or withdrawn is
 * announced on the interest channel, as the condition id of its market. Methods reject with `STORE.UNAVAILABLE` when the store behind it does not answer.
 */
@Injectable()
export class InterestRegistry {
  constructor(
    private readonly store: InterestStore,
    private readonly bus: MessageBus,
  ) {}

  /** Registers what a holder wants, beside what it wanted before. */
  async add(holder: InterestHolder, tokens: readonly WatchedToken[], ttlMs: number = INTEREST_TTL_MS): Promise<void> {
    await reached(this.store.add(interestsOf([{ holder, tokens }]), ttlMs));
    this.announce(tokens);
  }

  /** Prolongs interests without announcing them, of many holders in few round trips; one that had expired counts anew. */
  async renew(wanted: readonly Wanted[], ttlMs: number = INTEREST_TTL_MS): Promise<void> {
    await reached(this.store.add(interestsOf(wanted), ttlMs));
  }

  /** Prolongs what a holder still wants of some tokens; what was withdrawn or has expired stays so. */
  async prolong(holder: InterestHolder, tokens: readonly WatchedToken[]): Promise<void> {
    await reached(this.store.prolong(interestsOf([{ holder, tokens }]), INTEREST_TTL_MS));
  }

  async withdraw(holder: InterestHolder, tokens: readonly WatchedToken[]): Promise<void> {
    await reached(this.store.remove(interestsOf([{ holder, tokens }])));
    this.announce(tokens);
  }

  /** Withdraws everything a holder wants. Returns what that was. */
  async withdrawAll(holder: InterestHolder): Promise<WatchedToken[]> {
    const tokens = tokensOf(await reached(this.store.removeAll(holder)));
    this.announce(tokens);
    return tokens;
  }

  async listOf(holder: InterestHolder): Promise<WatchedToken[]> {
    return tokensOf(await reached(this.store.listOf(holder)));
  }

  /** Returns the condition ids of the markets that anybody wants, each once, sorted. */
  async listMarkets(): Promise<string[]> {
    const interests = await reached(this.store.list());
    return conditionsOf(tokensOf(interests.map(({ subject }) => subject)));
  }

  private announce(tokens: readonly WatchedToken[]): void {
    for (const conditionId of conditionsOf(tokens)) this.bus.publish(INTEREST_CHANNEL, conditionId);
  }
}

function interestsOf(wanted: readonly Wanted[]): Interest[] {
  return wanted.flatMap(({ holder, tokens }) => tokens.map((token) => ({ holder, subject: subjectOf(token) })));
}

function tokensOf(subjects: readonly string[]): WatchedToken[] {
  return subjects.map(watchedTokenOf).filter((token) => token !== null);
}

function conditionsOf(tokens: readonly WatchedToken[]): string[] {
  return [...new Set(tokens.map(({ conditionId }) => conditionId))].sort();
}
