import { type PriceSeries, type RunHistory, RunWalk } from '@app/domain';
import { RunHistoryRepository } from '@app/persistence';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** Entries of ledgers, and midpoints, remembered over all runs: about 100 MB together. */
const ENTRIES_REMEMBERED = 200_000;
const MIDPOINTS_REMEMBERED = 200_000;
/** How much later than another one a fill may become known that was before it, milliseconds. */
const KNOWN_WITHIN_MS = 3_600_000;

/** A run walked up to an entry. */
interface WalkedRun {
  walk: RunWalk;
  seq: number;
}

/** The midpoints seen at the fills of a run until a moment, by token. */
interface SeenMidpoints {
  until: Date;
  byToken: ReadonlyMap<string, PriceSeries>;
}

/** The runs that were asked about last: a ledger only grows, so that what was walked of it is never walked again. */
@Injectable()
export class RunMemory {
  private readonly remembered = new LRUCache<string, WalkedRun>({
    maxSize: ENTRIES_REMEMBERED,
    sizeCalculation: ({ walk }) => Math.max(1, walk.length),
  });

  private readonly midpoints = new LRUCache<string, SeenMidpoints>({
    maxSize: MIDPOINTS_REMEMBERED,
    sizeCalculation: ({ byToken }) => Math.max(1, countPoints(byToken)),
  });

  constructor(private readonly histories: RunHistoryRepository) {}

  /** Returns the history of a run up to an entry of its portfolio's ledger. */
  async read(portfolioId: string, run: number, lastSeq: number): Promise<RunHistory> {
    const key = `${portfolioId} ${run}`;
    const known = this.remembered.get(key);
    const isOlder = known !== undefined && known.seq <= lastSeq;
    // Whoever goes on with a walk has it alone: what fails half-way is not met again, and nobody walks an entry twice.
    if (isOlder) this.remembered.delete(key);
    const { walk, seq } = isOlder ? known : { walk: new RunWalk(), seq: 0 };
    await this.histories.eachEntry({ portfolioId, run, afterSeq: seq, lastSeq }, (entry) => walk.take(entry));
    if ((this.remembered.get(key)?.seq ?? -1) < lastSeq) this.remembered.set(key, { walk, seq: lastSeq });
    return walk.history();
  }

  /** Returns the midpoints seen at the fills of a run, by token; at least those up to a moment. */
  async readMidpoints(portfolioId: string, run: number, until: Date): Promise<ReadonlyMap<string, PriceSeries>> {
    const key = `${portfolioId} ${run}`;
    const known: SeenMidpoints = this.midpoints.get(key) ?? { until: new Date(0), byToken: new Map() };
    if (known.until >= until) return known.byToken;
    const after = new Date(known.until.getTime() - KNOWN_WITHIN_MS);
    const fresh = new Map<string, PriceSeries[number][]>();
    await this.histories.eachMidpoint({ portfolioId, run, after, until }, ({ tokenId, midpoint, at }) => {
      const point = { t: Math.floor(at.getTime() / 1_000), p: midpoint };
      const points = fresh.get(tokenId) ?? pointsUntil(known.byToken.get(tokenId) ?? [], after, point.t);
      if (points.at(-1)?.t === point.t) points[points.length - 1] = point;
      else points.push(point);
      fresh.set(tokenId, points);
    });
    const byToken = new Map([...known.byToken, ...fresh]);
    this.midpoints.set(key, { until, byToken });
    return byToken;
  }

  /** Lets a history be walked anew. */
  forget(portfolioId: string, run: number): void {
    this.remembered.delete(`${portfolioId} ${run}`);
  }
}

function countPoints(byToken: ReadonlyMap<string, PriceSeries>): number {
  let count = 0;
  for (const points of byToken.values()) count += points.length;
  return count;
}

/** Points up to a moment, and before a second. */
function pointsUntil(points: PriceSeries, until: Date, second: number): PriceSeries[number][] {
  return points.filter(({ t }) => t * 1_000 <= until.getTime() && t < second);
}
