import { joinPrices, type Position, type PriceSeries, type RunHistory } from '@app/domain';
import { forEachLimited } from '@app/markets';
import { type PriceSeriesReader } from './price-series.reader';

const TOKENS_AT_ONCE = 8;

/** A midpoint that was seen as something filled. */
export interface SeenPrice {
  tokenId: string;
  midpoint: PriceSeries[number]['p'];
  at: Date;
}

/** Prices of the past of the tokens of one run: midpoints seen at its own fills, and the venue's price histories. */
export class RunPrices {
  private readonly seen = new Map<string, PriceSeries[number][]>();
  private readonly refs: ReadonlyMap<string, Position>;
  private readonly known = new Map<string, PriceSeries>();

  constructor(
    private readonly reader: PriceSeriesReader,
    private readonly history: RunHistory,
    positions: readonly Position[],
    private readonly asOf: Date | null,
    seen: readonly SeenPrice[],
  ) {
    this.refs = new Map(positions.map((position) => [position.tokenId, position]));
    for (const { tokenId, midpoint, at } of seen) {
      const t = Math.floor(at.getTime() / 1_000);
      const points = this.seen.get(tokenId);
      const last = points?.at(-1);
      if (points === undefined) this.seen.set(tokenId, [{ t, p: midpoint }]);
      else if (last !== undefined && last.t === t) last.p = midpoint;
      else points.push({ t, p: midpoint });
    }
  }

  /** Reads the series of tokens at a grain, each for as long as its shares were held. */
  async load(tokenIds: Iterable<string>, grainMinutes: number): Promise<(tokenId: string) => PriceSeries> {
    const wanted = [...tokenIds].filter((tokenId) => !this.known.has(`${tokenId} ${grainMinutes}`));
    await forEachLimited(wanted, TOKENS_AT_ONCE, async (tokenId) => {
      this.known.set(`${tokenId} ${grainMinutes}`, await this.read(tokenId, grainMinutes));
    });
    return (tokenId) => this.known.get(`${tokenId} ${grainMinutes}`) ?? this.seen.get(tokenId) ?? [];
  }

  private async read(tokenId: string, grainMinutes: number): Promise<PriceSeries> {
    const seen = this.seen.get(tokenId) ?? [];
    const ref = this.refs.get(tokenId);
    const steps = this.history.tokens.get(tokenId) ?? [];
    const [first] = steps;
    const last = steps.at(-1);
    if (ref === undefined || first === undefined || last === undefined) return seen;
    const to = last.quantity === 0n ? last.at : this.asOf;
    return joinPrices(await this.reader.read({ ref, from: first.at, to, grainMinutes }), seen);
  }
}
