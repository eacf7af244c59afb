import { WireObject } from '../wire/wire-object';
import { GammaEvent, readGammaEvent } from './gamma-event';
import { GammaTag, readGammaTag } from './gamma-tag';

/** An answer of GET /public-search; `tags` is empty unless tags were searched too. */
export interface GammaSearchAnswer {
  events: GammaEvent[];
  tags: GammaTag[];
  hasMore: boolean;
  totalResults: number | null;
}

export function readGammaSearchAnswer(answer: WireObject): GammaSearchAnswer {
  const pagination = answer.optionalObject('pagination');
  return {
    events: answer.list('events', readGammaEvent),
    tags: answer.list('tags', readGammaTag),
    hasMore: pagination?.optionalFlag('hasMore') ?? false,
    totalResults: pagination?.integer('totalResults') ?? null,
  };
}
