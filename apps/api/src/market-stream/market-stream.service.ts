import { SettingsService } from '@app/accounts';
import {
  type LatestStreamedBody,
  type LiveBook,
  type OutcomeIndex,
  type StreamedBookBody,
  toStreamedBook,
} from '@app/contracts';
import { DomainError } from '@app/domain';
import { InterestRegistry, LiveBookReader, RestBooks, userHolder, type WatchedToken } from '@app/live-data';
import { forEachLimited } from '@app/markets';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/access-token';
import { WatchedMarkets } from '../live/watched-markets';
import { AccountRequests } from '../throttling/account-requests';

/** One token's book, and how it was come by. */
interface TokenBook {
  tokenId: string;
  index: OutcomeIndex;
  book: LiveBook;
  source: 'stream' | 'rest';
}

/** Tokens of one start whose markets are looked up beside each other. */
const FOUND_AT_ONCE = 4;

/** Live books for clients that poll: what they started is followed while they look. */
@Injectable()
export class MarketStreamService {
  constructor(
    private readonly markets: WatchedMarkets,
    private readonly interests: InterestRegistry,
    private readonly reader: LiveBookReader,
    private readonly restBooks: RestBooks,
    private readonly settings: SettingsService,
    private readonly requests: AccountRequests,
    private readonly clock: Clock,
  ) {}

  /**
   * Has tokens followed, beside those started before. Each new one counts as a market that begins to be followed.
   * @throws DomainError `MARKET.NOT_FOUND`, `MARKET.NO_ORDER_BOOK`, `SUBSCRIPTION.LIMIT`, `REQUEST.TOO_MANY`, `VENUE.*`; nothing is started then
   */
  async start(caller: Caller, tokenIds: readonly string[]): Promise<void> {
    const holder = userHolder(caller.id);
    const allowed = this.settings.limitsOf(caller.role).wsSubscriptions;
    const started = new Set((await this.interests.listOf(holder)).map(({ tokenId }) => tokenId));
    const together = new Set([...started, ...tokenIds]).size;
    if (together > allowed) throw tooMany(allowed, together);
    const tokens = await forEachLimited(tokenIds, FOUND_AT_ONCE, async (tokenId) => {
      if (!started.has(tokenId)) await this.requests.takeFollow(caller);
      return this.toWatched(tokenId);
    });
    await this.interests.add(holder, tokens);
    // Another start of the same account may have come between.
    const now = await this.interests.listOf(holder);
    if (now.length <= allowed) return;
    const added = tokens.filter(({ tokenId }) => !started.has(tokenId));
    await this.interests.withdraw(holder, added);
    throw tooMany(allowed, now.length);
  }

  /** Ends what the caller started. Returns how many tokens that were. */
  async stop({ id }: Caller): Promise<number> {
    return (await this.interests.withdrawAll(userHolder(id))).length;
  }

  /** Returns the books of the tokens the caller started, by token; those there is no book of are left out. Being looked at keeps them followed. */
  async books(caller: Caller): Promise<Record<string, StreamedBookBody>> {
    const books = await this.read(caller);
    return Object.fromEntries(books.map((one) => [one.tokenId, this.toBody(one)]));
  }

  /** Returns the book that changed last. */
  async latest(caller: Caller): Promise<LatestStreamedBody['message']> {
    const books = await this.read(caller);
    const [latest] = books.sort((one, other) => other.book.receivedAtMs - one.book.receivedAtMs);
    return latest === undefined ? null : { ...this.toBody(latest), token_id: latest.tokenId };
  }

  private async read({ id }: Caller): Promise<TokenBook[]> {
    const holder = userHolder(id);
    const tokens = await this.interests.listOf(holder);
    if (tokens.length === 0) return [];
    await this.interests.prolong(holder, tokens);
    const followed = await this.reader.readMany(tokens.map(({ conditionId }) => conditionId));
    const books = await Promise.all(tokens.map((token, at) => this.bookOf(token, followed[at] ?? null)));
    return books.filter((book) => book !== null);
  }

  private async bookOf({ tokenId }: WatchedToken, followed: LiveBook | null): Promise<TokenBook | null> {
    const book = followed ?? (await this.askRest(tokenId));
    const index = book?.tokenIds.indexOf(tokenId);
    if (book === null || (index !== 0 && index !== 1)) return null;
    return { tokenId, index, book, source: followed === null ? 'rest' : 'stream' };
  }

  /** A market that was closed meanwhile has no book any more. */
  private async askRest(tokenId: string): Promise<LiveBook | null> {
    try {
      const { market } = await this.markets.get({ tokenId });
      return await this.restBooks.ask(market);
    } catch (error) {
      if (error instanceof DomainError && error.code.startsWith('MARKET.')) return null;
      throw error;
    }
  }

  private async toWatched(tokenId: string): Promise<WatchedToken> {
    const { market } = await this.markets.get({ tokenId });
    return { conditionId: market.conditionId, tokenId };
  }

  private toBody({ book, index, source }: TokenBook): StreamedBookBody {
    return toStreamedBook(book, index, { source, ageMs: this.clock.now().getTime() - book.receivedAtMs });
  }
}

function tooMany(allowed: number, together: number): DomainError {
  const message = `Your role may follow ${allowed} tokens, and these would make it ${together}; stop first, or name fewer.`;
  return new DomainError('SUBSCRIPTION.LIMIT', message);
}
