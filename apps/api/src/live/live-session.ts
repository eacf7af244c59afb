import {
  accountChannel,
  type ClientMessage,
  decodeAccountMessage,
  LIVE_CHANNELS,
  type LiveChannel,
  liveSubjectOf,
  type OutcomeIndex,
  parseClientMessage,
  type ServerMessage,
  type SubscriptionRequest,
  toAccountServerMessages,
  toPortfolioMessage,
  toPortfolioResyncMessage,
} from '@app/contracts';
import { DomainError, type Portfolio } from '@app/domain';
import { type FeedListener, type FeedMarket, type Following, reached } from '@app/live-data';
import { forEachLimited } from '@app/markets';
import { toProblem, type Unsubscribe } from '@app/platform';
import { Logger } from '@nestjs/common';
import type { Caller } from '../auth/access-token';
import { ownerOf } from '../portfolios/owner';
import { CLOSE, closeReason } from './close-codes';
import type { LiveOptions } from './live.options';
import { MarketWatch } from './market-watch';
import { MessageBudget } from './message-budget';
import { type LiveSocket, Outbox } from './outbox';
import type { SessionServices } from './session-services';
import { VersionTrail } from './version-trail';
import type { WatchedMarket } from './watched-markets';

/** What a session tells those who keep it. */
export interface SessionEvents {
  /** How many markets all connections of the account watch. */
  marketsOfAccount(): number;
  /** The client is behind, and has to be caught up when it has read on. */
  onBehind(session: LiveSession): void;
  onResync(reason: string): void;
  /** The server ends the connection. */
  onCutOff(why: 'slow' | 'rules'): void;
}

interface WatchedPortfolio {
  unsubscribe: Unsubscribe;
  trail: VersionTrail;
}

/** How long a portfolio's version that was overtaken by a later one may take. */
const OVERTAKEN_MS = 1_000;
const MOST_PORTFOLIOS = 100;
/** Things of one message that are looked up beside each other. */
const LOOKED_UP_AT_ONCE = 4;

/** One connection of one account: what it watches, and what it is told. Its messages are handled one after the other. */
export class LiveSession {
  private readonly logger = new Logger('LiveSession');
  private readonly outbox: Outbox;
  private readonly budget: MessageBudget;
  private readonly markets = new Map<string, MarketWatch>();
  private readonly portfolios = new Map<string, WatchedPortfolio>();
  private readonly behind = new Set<MarketWatch>();
  private inbox: Promise<void> = Promise.resolve();
  /** Messages that are not handled yet. */
  private waiting = 0;
  private isEnded = false;
  private isWarned = false;
  private answeredPing = true;
  private pingedAtMs: number;
  private closingSinceMs: number | null = null;
  private behindSinceMs: number | null = null;

  constructor(
    private readonly socket: LiveSocket,
    readonly caller: Caller,
    private readonly services: SessionServices,
    private readonly options: LiveOptions,
    private readonly events: SessionEvents,
    nowMs: number,
  ) {
    this.outbox = new Outbox(socket, options, () => this.cutOffSlow());
    this.budget = new MessageBudget(options.messagesAllowed, options.messageWindowMs);
    this.pingedAtMs = nowMs;
  }

  /** Markets it watches, or is about to. */
  get marketCount(): number {
    return this.markets.size;
  }

  /** Returns how many messages were sent since this was last asked. */
  takeSentCount(): number {
    return this.outbox.takeSent();
  }

  /** Greets the client. */
  greet(isSimulated: boolean): void {
    this.say({
      type: 'connected',
      user_id: this.caller.id,
      token_expires_at: this.caller.tokenExpiresAt.toISOString(),
      ...(isSimulated ? { market_data: 'simulated' as const } : {}),
    });
  }

  /** Takes in what the client sent. */
  receive(text: string, nowMs: number): void {
    if (this.isOver) return;
    const { messagesAllowed, messageWindowMs } = this.options;
    if (!this.budget.take(nowMs)) {
      return this.cutOff(`More than ${messagesAllowed} messages in ${messageWindowMs / 1_000} s.`);
    }
    if (this.waiting >= messagesAllowed) {
      return this.cutOff(
        `More than ${messagesAllowed} messages wait for an answer; wait for some before you send more.`,
      );
    }
    this.waiting += 1;
    this.inbox = this.inbox
      .then(() => this.handle(text))
      .catch((err: unknown) => this.refuse(err))
      .finally(() => (this.waiting -= 1));
  }

  /** The client answered a ping. */
  ponged(): void {
    this.answeredPing = true;
  }

  /** Once a second: pings, ends what is dead, warns before the token ends and ends with it. */
  tick(nowMs: number): void {
    if (this.closingSinceMs !== null) {
      if (nowMs - this.closingSinceMs >= this.options.closingMs) this.socket.terminate();
      return;
    }
    this.watchToken(nowMs);
    if (nowMs - this.pingedAtMs >= this.options.pingMs) {
      if (!this.answeredPing) return this.socket.terminate();
      this.answeredPing = false;
      this.pingedAtMs = nowMs;
      this.socket.ping();
    }
    for (const [portfolioId, { trail }] of this.portfolios) {
      if (trail.isMissing(nowMs)) this.say(toPortfolioResyncMessage(portfolioId));
    }
  }

  /** Tells a client that was behind what it missed, if it has read on. Answers whether it is up to date. */
  catchUp(nowMs: number): boolean {
    for (const watch of this.behind) {
      if (!watch.catchUp()) break;
      this.behind.delete(watch);
    }
    if (this.behind.size === 0 || this.isEnded) {
      this.behindSinceMs = null;
      return true;
    }
    this.behindSinceMs ??= nowMs;
    if (nowMs - this.behindSinceMs >= this.options.mostBehindMs) this.cutOffSlow();
    return false;
  }

  /** Messages of the bus may have been missed. */
  missedMessages(): void {
    for (const portfolioId of this.portfolios.keys()) this.say(toPortfolioResyncMessage(portfolioId));
  }

  /** Ends the connection with a sentence. */
  close(code: number, sentence: string): void {
    if (this.isOver) return;
    this.closingSinceMs = Date.now();
    this.socket.close(code, closeReason(sentence));
    this.letGo();
  }

  /** The connection is gone. */
  end(): void {
    this.isEnded = true;
    this.letGo();
  }

  /** Whether nothing that the client said counts any more. */
  private get isOver(): boolean {
    return this.isEnded || this.closingSinceMs !== null;
  }

  private async handle(text: string): Promise<void> {
    if (this.isOver) return;
    const parsed = parseClientMessage(text);
    if ('problem' in parsed) return this.say({ type: 'error', code: 'REQUEST.UNACCEPTABLE', message: parsed.problem });
    await this.obey(parsed.message);
  }

  private async obey(message: ClientMessage): Promise<void> {
    switch (message.action) {
      case 'ping':
        return this.say({ type: 'pong', timestamp: this.services.clock.now().toISOString() });
      case 'subscribe':
        return this.subscribe(message);
      case 'unsubscribe':
        return this.unsubscribe(message);
    }
  }

  private async subscribe(request: SubscriptionRequest): Promise<void> {
    const channels = request.channels ?? LIVE_CHANNELS;
    const [markets, portfolios] = await Promise.all([
      this.openMarkets(request.market_ids ?? []),
      this.openPortfolios(request.portfolio_ids ?? []),
    ]);
    if (this.isOver) return;
    this.say({
      type: 'subscribed',
      market_ids: markets.map(({ name }) => name),
      channels: [...channels],
      portfolio_ids: portfolios.map(({ id }) => id),
    });
    for (const { watch, outcomes } of markets) outcomes.forEach((index) => watch.begin(index, channels));
    for (const portfolio of portfolios) this.say(toPortfolioMessage(portfolio));
  }

  /** Finds and follows markets; what is refused is told, and the rest goes on. */
  private async openMarkets(
    names: readonly string[],
  ): Promise<{ name: string; watch: MarketWatch; outcomes: readonly OutcomeIndex[] }[]> {
    const opened = await forEachLimited([...new Set(names)], LOOKED_UP_AT_ONCE, (name) =>
      this.orRefuse({ market_id: name }, async () => {
        const { market, outcomes } = await this.findMarket(name);
        return { name, watch: await this.openMarket(market), outcomes };
      }),
    );
    return opened.filter((one) => one !== null);
  }

  /** Finds a market. One that has to be asked of the venue costs a request of the account, as over REST. */
  private async findMarket(name: string): Promise<WatchedMarket> {
    const subject = liveSubjectOf(name);
    if (subject === null) throw new Error('a market is looked for whose name was refused');
    return this.services.markets.get(subject, () => this.services.requests.take(this.caller));
  }

  private async openMarket(market: FeedMarket): Promise<MarketWatch> {
    const known = this.markets.get(market.conditionId);
    if (known !== undefined) {
      await known.opened;
      return known;
    }
    const allowed = this.services.settings.limitsOf(this.caller.role).wsSubscriptions;
    if (this.events.marketsOfAccount() >= allowed) {
      const message = `Your role may watch ${allowed} markets at once, over all connections; unsubscribe from some first.`;
      throw new DomainError('SUBSCRIPTION.LIMIT', message);
    }
    const watch = new MarketWatch(
      this.outbox,
      (missed) => this.noteBehind(missed),
      (reason) => this.events.onResync(reason),
    );
    this.markets.set(market.conditionId, watch);
    watch.opened = this.follow(market, watch);
    try {
      await watch.opened;
      return watch;
    } catch (err) {
      this.markets.delete(market.conditionId);
      throw err;
    }
  }

  private async follow(market: FeedMarket, watch: MarketWatch): Promise<void> {
    const { feeds, requests } = this.services;
    if (!feeds.isFollowed(market.conditionId)) await requests.takeFollow(this.caller);
    const listener: FeedListener = (news) => watch.hear(news);
    const following: Following = await feeds.follow(market, listener);
    watch.attach(following);
    if (this.isOver) watch.stop();
  }

  private async openPortfolios(ids: readonly string[]): Promise<Portfolio[]> {
    const opened = await forEachLimited([...new Set(ids)], LOOKED_UP_AT_ONCE, (id) =>
      this.orRefuse({ portfolio_id: id }, () => this.openPortfolio(id)),
    );
    return opened.filter((one) => one !== null);
  }

  private async openPortfolio(id: string): Promise<Portfolio> {
    // Whether it is theirs is asked before anything of it can be heard.
    const owner = ownerOf(this.caller);
    await this.services.portfolios.get(owner, id);
    if (!this.portfolios.has(id)) {
      if (this.portfolios.size >= MOST_PORTFOLIOS) {
        const message = `A connection may watch ${MOST_PORTFOLIOS} portfolios; unsubscribe from some first.`;
        throw new DomainError('SUBSCRIPTION.LIMIT', message);
      }
      const trail = new VersionTrail(OVERTAKEN_MS);
      const subscribed = this.services.bus.subscribe(accountChannel(id), (text) => this.hearAccount(trail, text));
      const unsubscribe = await reached(subscribed);
      if (this.isOver) await unsubscribe();
      else this.portfolios.set(id, { unsubscribe, trail });
    }
    // Read again now that its changes are heard: none falls between.
    const portfolio = await this.services.portfolios.get(owner, id);
    this.portfolios.get(id)?.trail.begin(portfolio.version);
    return portfolio;
  }

  private hearAccount(trail: VersionTrail, text: string): void {
    const news = decodeAccountMessage(text);
    if (news === null) return;
    trail.see(news.version, Date.now());
    toAccountServerMessages(news).forEach((message) => this.say(message));
  }

  private async unsubscribe(request: SubscriptionRequest): Promise<void> {
    const channels = request.channels ?? LIVE_CHANNELS;
    for (const name of request.market_ids ?? []) this.closeMarket(name, channels);
    for (const id of request.portfolio_ids ?? []) {
      const watched = this.portfolios.get(id);
      this.portfolios.delete(id);
      await watched?.unsubscribe();
    }
    this.say({
      type: 'unsubscribed',
      market_ids: request.market_ids ?? [],
      channels: [...channels],
      portfolio_ids: request.portfolio_ids ?? [],
    });
  }

  private closeMarket(name: string, channels: readonly LiveChannel[]): void {
    const subject = liveSubjectOf(name);
    for (const [conditionId, watch] of this.markets) {
      const market = watch.followed?.market;
      if (subject === null || market === undefined) continue;
      const indexes = ([0, 1] as const).filter((index) => {
        if ('tokenId' in subject) return market.tokenIds[index] === subject.tokenId;
        return 'slug' in subject ? market.marketId === subject.slug : conditionId === subject.conditionId;
      });
      indexes.forEach((index) => watch.end(index, channels));
      if (indexes.length === 0 || !watch.isEmpty) continue;
      this.markets.delete(conditionId);
      this.behind.delete(watch);
      watch.stop();
    }
  }

  private async orRefuse<T>(
    about: { market_id?: string; portfolio_id?: string },
    attempt: () => Promise<T>,
  ): Promise<T | null> {
    if (this.isOver) return null;
    try {
      return await attempt();
    } catch (err) {
      this.refuse(err, about);
      return null;
    }
  }

  private refuse(err: unknown, about: { market_id?: string; portfolio_id?: string } = {}): void {
    const { body } = toProblem(err, { method: 'GET', path: '/ws/live' });
    if (body.code === undefined) this.logger.error({ err, errorId: body.error_id, msg: 'A live request failed' });
    this.say({
      type: 'error',
      ...(body.code === undefined ? {} : { code: body.code }),
      message: body.detail,
      ...about,
    });
  }

  private watchToken(nowMs: number): void {
    const { tokenExpiresAt } = this.caller;
    const leftMs = tokenExpiresAt.getTime() - nowMs;
    if (leftMs <= 0) return this.close(CLOSE.policy, 'The access token has expired; log in again.');
    if (this.isWarned || leftMs > this.options.tokenWarningMs) return;
    this.isWarned = true;
    this.say({
      type: 'token_expiring',
      expires_at: tokenExpiresAt.toISOString(),
      message: `The access token, and this connection with it, ends in ${Math.ceil(leftMs / 1_000)} s; connect again with a fresh one.`,
    });
  }

  private noteBehind(watch: MarketWatch): void {
    this.behind.add(watch);
    this.events.onBehind(this);
  }

  private cutOff(sentence: string): void {
    this.events.onCutOff('rules');
    this.close(CLOSE.policy, sentence);
  }

  private cutOffSlow(): void {
    if (this.isOver) return;
    this.events.onCutOff('slow');
    this.close(CLOSE.tryAgainLater, 'You read too slowly; connect again and subscribe to less.');
  }

  private letGo(): void {
    this.behind.clear();
    for (const watch of this.markets.values()) watch.stop();
    this.markets.clear();
    for (const { unsubscribe } of this.portfolios.values()) void unsubscribe();
    this.portfolios.clear();
  }

  private say(message: ServerMessage): void {
    this.outbox.say(message);
  }
}
