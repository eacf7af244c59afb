import type { EventOrder, Flags, GammaCatalogue, MarketOrder } from '../gamma-catalogue';
import {
  eventRow,
  eventTotals,
  liquidity,
  marketText,
  recentVolume,
  type SharedText,
  sharedText,
  tagRow,
  tagRows,
  updatedAt,
} from './gamma-view';
import { type EventState, isActive, type MarketState, phaseAt } from './market-state';
import { TAGS } from './vocabulary';
import type { World } from './world';

/** Rendered events kept: a list walks through the markets of one event after the other. */
const EVENTS_KEPT = 64;

interface RenderedEvent {
  /** `,"events":[…]` */
  events: string;
  /** `,"tags":[…]` */
  tags: string;
  shared: SharedText;
}

/** Gamma's lists over the generated world. */
export class WorldCatalogue implements GammaCatalogue {
  private rendered = new Map<number, RenderedEvent>();
  private renderedAt = '';

  constructor(private readonly world: World) {}

  get marketCount(): number {
    return this.world.markets.length;
  }

  get eventCount(): number {
    return this.world.events.length;
  }

  revision(): string {
    return this.world.revision();
  }

  marketFlags(position: number): Flags {
    const market = this.world.market(position);
    return {
      closed: this.world.now() >= market.closeAt,
      active: isActive(market),
      archived: market.archived,
      tags: market.event.tags,
    };
  }

  marketNumber(position: number, order: MarketOrder): number {
    const market = this.world.market(position);
    const at = this.world.now();
    switch (order) {
      case 'id':
        return market.id;
      case 'volumeNum':
        return this.world.volume(market, at);
      case 'liquidityNum':
        return liquidity(market, at);
      case 'volume24hr':
        return recentVolume(this.world, market, at, 1);
      case 'startDate':
        return market.openAt;
      case 'endDate':
        return market.endAt;
      case 'createdAt':
        return market.createdAt;
      case 'updatedAt':
        return updatedAt(market, at);
      case 'closedTime':
        return at >= market.closeAt ? market.closeAt : 0;
    }
  }

  marketSlug(position: number): string {
    return this.world.market(position).slug;
  }

  marketStatus(position: number): string | null {
    const market = this.world.market(position);
    const phase = phaseAt(market, this.world.now());
    if (phase === 'closed') return market.payout === 'none' ? null : 'resolved';
    return phase === 'proposed' || phase === 'disputed' ? phase : null;
  }

  marketQuestionId(position: number): string {
    return this.world.questionId(this.world.market(position));
  }

  findMarketById(id: number): number | null {
    return this.world.findById(id)?.index ?? null;
  }

  findMarketBySlug(slug: string): number | null {
    return this.world.findBySlug(slug)?.index ?? null;
  }

  findMarketByConditionId(conditionId: string): number | null {
    return this.world.findByConditionId(conditionId)?.index ?? null;
  }

  findMarketByTokenId(tokenId: string): number | null {
    return this.world.findByTokenId(tokenId)?.market.index ?? null;
  }

  marketParts(position: number, includeTags: boolean): readonly string[] {
    const market = this.world.market(position);
    const parent = this.renderEvent(market.event);
    return [this.openMarketText(market, parent.shared), parent.events, includeTags ? parent.tags : '', '}'];
  }

  eventFlags(position: number): Flags {
    const event = this.world.event(position);
    const { closed } = eventTotals(this.world, event, this.world.now());
    return { closed, active: true, archived: false, tags: event.tags };
  }

  eventNumber(position: number, order: EventOrder): number {
    const event = this.world.event(position);
    const at = this.world.now();
    switch (order) {
      case 'id':
        return event.id;
      case 'startDate':
        return event.createdAt;
      case 'endDate':
        return event.endAt;
      case 'closedTime': {
        const totals = eventTotals(this.world, event, at);
        return totals.closed ? totals.closedAt : 0;
      }
      case 'volume':
      case 'liquidity':
      case 'volume24hr':
        return eventTotals(this.world, event, at)[order];
    }
  }

  eventTitle(position: number): string {
    return this.world.event(position).title;
  }

  findEventById(id: number): number | null {
    return this.world.findEventById(id)?.index ?? null;
  }

  findEventBySlug(slug: string): number | null {
    return this.world.findEventBySlug(slug)?.index ?? null;
  }

  eventJson(position: number): string {
    const event = this.world.event(position);
    const { shared } = this.renderEvent(event);
    const markets = this.world.marketsOf(event).map((market) => `${this.openMarketText(market, shared)}}`);
    const body = JSON.stringify(eventRow(this.world, event, this.world.now())).slice(0, -1);
    return `${body},"markets":[${markets.join(',')}],"tags":${JSON.stringify(tagRows(event))}}`;
  }

  tagsJson(): string[] {
    return TAGS.map((tag) => JSON.stringify(tagRow(tag)));
  }

  private openMarketText(market: MarketState, shared: SharedText): string {
    return marketText(this.world, market, this.world.now(), shared);
  }

  private renderEvent(event: EventState): RenderedEvent {
    const revision = this.world.revision();
    if (revision !== this.renderedAt) {
      this.rendered = new Map();
      this.renderedAt = revision;
    }
    const known = this.rendered.get(event.index);
    if (known !== undefined) return known;
    const fresh = {
      events: `,"events":[${JSON.stringify(eventRow(this.world, event, this.world.now()))}]`,
      tags: `,"tags":${JSON.stringify(tagRows(event))}`,
      shared: sharedText(event),
    };
    if (this.rendered.size >= EVENTS_KEPT) this.rendered.delete(this.rendered.keys().next().value ?? 0);
    this.rendered.set(event.index, fresh);
    return fresh;
  }
}
