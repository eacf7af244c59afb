import type { EventOrder, Flags, GammaCatalogue, MarketOrder } from '../gamma-catalogue';
import { isObject, type JsonObject, objectsOf, type Recordings, textOf, without } from './recordings';

function secondsOf(value: unknown): number {
  const at = Date.parse(textOf(value).replace(/^(\S+) (\S+)\+00$/, '$1T$2Z'));
  return Number.isNaN(at) ? 0 : at / 1000;
}

function numberOf(value: unknown): number {
  const number = Number(textOf(value));
  return Number.isFinite(number) ? number : 0;
}

/** Elements of a JSON-encoded list; empty when it is none. */
export function encodedList(value: unknown): string[] {
  try {
    const list: unknown = JSON.parse(textOf(value));
    return Array.isArray(list) ? list.map(textOf) : [];
  } catch {
    return [];
  }
}

function flagsOf(row: JsonObject, tags: JsonObject[]): Flags {
  return {
    closed: row.closed === true,
    active: row.active === true,
    archived: row.archived === true,
    tags: tags.map((tag) => ({ id: Number(tag.id), slug: textOf(tag.slug) })),
  };
}

/** Gamma's lists over recorded rows. Nothing changes, so the revision is always the same. */
export class ReplayCatalogue implements GammaCatalogue {
  private readonly markets: readonly JsonObject[];
  private readonly events: readonly JsonObject[];
  private readonly tagsByEvent = new Map<string, JsonObject[]>();
  private readonly byId = new Map<number, number>();
  private readonly bySlug = new Map<string, number>();
  private readonly byCondition = new Map<string, number>();
  private readonly byToken = new Map<string, number>();
  private readonly eventsById = new Map<number, number>();
  private readonly eventsBySlug = new Map<string, number>();

  constructor(recordings: Recordings) {
    this.markets = recordings.markets;
    this.events = allEvents(recordings);
    this.events.forEach((event, position) => {
      this.tagsByEvent.set(textOf(event.id), objectsOf(event.tags));
      this.eventsById.set(Number(event.id), position);
      this.eventsBySlug.set(textOf(event.slug), position);
    });
    this.markets.forEach((market, position) => {
      this.byId.set(Number(market.id), position);
      this.bySlug.set(textOf(market.slug), position);
      if (market.conditionId !== '') this.byCondition.set(textOf(market.conditionId), position);
      for (const token of encodedList(market.clobTokenIds)) this.byToken.set(token, position);
    });
  }

  get marketCount(): number {
    return this.markets.length;
  }

  get eventCount(): number {
    return this.events.length;
  }

  revision(): string {
    return 'recorded';
  }

  marketFlags(position: number): Flags {
    const market = this.market(position);
    return flagsOf(market, this.tagsOf(market));
  }

  marketNumber(position: number, order: MarketOrder): number {
    const market = this.market(position);
    switch (order) {
      case 'id':
      case 'volumeNum':
      case 'liquidityNum':
      case 'volume24hr':
        return numberOf(market[order]);
      case 'startDate':
      case 'endDate':
      case 'createdAt':
      case 'updatedAt':
      case 'closedTime':
        return secondsOf(market[order]);
    }
  }

  marketSlug(position: number): string {
    return textOf(this.market(position).slug);
  }

  marketStatus(position: number): string | null {
    return textOf(this.market(position).umaResolutionStatus) || null;
  }

  marketQuestionId(position: number): string {
    return textOf(this.market(position).questionID);
  }

  findMarketById(id: number): number | null {
    return this.byId.get(id) ?? null;
  }

  findMarketBySlug(slug: string): number | null {
    return this.bySlug.get(slug) ?? null;
  }

  findMarketByConditionId(conditionId: string): number | null {
    return this.byCondition.get(conditionId) ?? null;
  }

  findMarketByTokenId(tokenId: string): number | null {
    return this.byToken.get(tokenId) ?? null;
  }

  /** The row as recorded; with tags, where the recording or its event has them. */
  marketParts(position: number, includeTags: boolean): readonly string[] {
    const market = this.market(position);
    return [JSON.stringify(includeTags ? { ...market, tags: this.tagsOf(market) } : without(market, 'tags'))];
  }

  eventFlags(position: number): Flags {
    const event = this.event(position);
    return flagsOf(event, objectsOf(event.tags));
  }

  eventNumber(position: number, order: EventOrder): number {
    const event = this.event(position);
    switch (order) {
      case 'id':
      case 'volume':
      case 'liquidity':
      case 'volume24hr':
        return numberOf(event[order]);
      case 'startDate':
      case 'endDate':
      case 'closedTime':
        return secondsOf(event[order]);
    }
  }

  eventTitle(position: number): string {
    return textOf(this.event(position).title);
  }

  findEventById(id: number): number | null {
    return this.eventsById.get(id) ?? null;
  }

  findEventBySlug(slug: string): number | null {
    return this.eventsBySlug.get(slug) ?? null;
  }

  eventJson(position: number): string {
    return JSON.stringify(this.event(position));
  }

  tagsJson(): string[] {
    const byId = new Map<string, string>();
    for (const tags of this.tagsByEvent.values()) for (const tag of tags) byId.set(textOf(tag.id), JSON.stringify(tag));
    return [...byId.values()];
  }

  market(position: number): JsonObject {
    return this.markets[position] ?? {};
  }

  /** Unix seconds of the newest change in any recorded row. */
  newestChange(): number {
    return Math.ceil(this.markets.reduce((latest, market) => Math.max(latest, secondsOf(market.updatedAt)), 0));
  }

  private event(position: number): JsonObject {
    return this.events[position] ?? {};
  }

  private tagsOf(market: JsonObject): JsonObject[] {
    if (Array.isArray(market.tags)) return objectsOf(market.tags);
    const parent = objectsOf(market.events)[0];
    return parent === undefined ? [] : (this.tagsByEvent.get(textOf(parent.id)) ?? []);
  }
}

/** Recorded events, and the parents of recorded markets with those markets inside; ascending by id. */
function allEvents({ markets, events }: Recordings): JsonObject[] {
  const byId = new Map(events.map((event) => [textOf(event.id), event]));
  const parents = new Map<string, { parent: JsonObject; markets: JsonObject[] }>();
  for (const row of markets) {
    const { events: above, ...market } = row;
    const parent = objectsOf(above)[0];
    if (!isObject(parent) || byId.has(textOf(parent.id))) continue;
    const known = parents.get(textOf(parent.id)) ?? { parent, markets: [] };
    known.markets.push(market);
    parents.set(textOf(parent.id), known);
  }
  const built: JsonObject[] = [...parents.values()].map((entry) => ({ ...entry.parent, markets: entry.markets }));
  return [...events, ...built].sort((a, b) => Number(a.id) - Number(b.id));
}
