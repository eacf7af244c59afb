import { joinPrices, type Position, type PriceSeries, type RunHistory } from '@app/domain';
import { forEachLimited } from '@app/markets';
import { type PriceSeriesReader } from './price-series.reader';

const TOKENS_AT_ONCE = 8;

/** Prices of the past of the tokens of one run: the venue's price histories, and the midpoints seen at the run's own fills, which count where both are known. */
export class RunPrices {
  private readonly refs: ReadonlyMap<string, Position>;
  private readonly known = new Map<string, PriceSeries>();

  /**
   * @param asOf null for a run that goes on
   * @param seen midpoints seen at fills, by token
   */
  constructor(
    private readonly reader: PriceSeriesReader,
    private readonly history: RunHistory,
    positions: readonly Position[],
    private readonly asOf: Date | null,
    private readonly seen: ReadonlyMap<string, PriceSeries>,
  ) {
    this.refs = new Map(positions.map((position) => [position.tokenId, position]));
  }

  /** Reads the series of tokens at a grain, each for as long as its shares were held since a moment. */
  async load(tokenIds: Iterable<string>, grainMinutes: number, since: Date): Promise<(tokenId: string) => PriceSeries> {
    const keyOf = (tokenId: string): string => `${tokenId} ${grainMinutes} ${since.getTime()}`;
    const wanted = [...tokenIds].filter((tokenId) => !this.known.has(keyOf(tokenId)));
    await forEachLimited(wanted, TOKENS_AT_ONCE, async (tokenId) => {
      this.known.set(keyOf(tokenId), await this.read(tokenId, grainMinutes, since));
    });
    return (tokenId) => this.known.get(keyOf(tokenId)) ?? [];
  }

  private async read(tokenId: string, grainMinutes: number, since: Date): Promise<PriceSeries> {
    const seen = this.seen.get(tokenId) ?? [];
    const ref = this.refs.get(tokenId);
    const steps = this.history.tokens.get(tokenId) ?? [];
    const [first] = steps;
    const last = steps.at(-1);
    if (ref === undefined || first === undefined || last === undefined) return seen;
    const to = last.quantity === 0n ? last.at : this.asOf;
    if (to !== null && to < since) return seen;
    const from = first.at > since ? first.at : since;
    return joinPrices(await this.reader.read({ ref, from, to, grainMinutes }), seen);
  }
}
