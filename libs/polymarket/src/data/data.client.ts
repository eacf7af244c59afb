import { MicroUsdc } from '@app/domain';
import { VenueBadAnswerError } from '../transport/venue-errors';
import { CallOptions, VenueCall, VenueTransport } from '../transport/venue-transport';
import { parseRows } from '../wire/wire-object';
import { readOpenInterest } from './data-api';

/** Condition ids a request names, so that its address stays under 2 kB. */
const IDS_PER_REQUEST = 20;

/** Polymarket's derived data. Every call may throw a {@link VenueError}. */
export class DataClient {
  constructor(private readonly transport: VenueTransport) {}

  /** Open interest by lower-cased condition id, USDC; markets the venue does not know are left out. */
  async getOpenInterest(conditionIds: readonly string[], options: CallOptions): Promise<Map<string, MicroUsdc>> {
    const wanted = [...new Set(conditionIds.map((id) => id.toLowerCase()))];
    const requests: Promise<[string, MicroUsdc][]>[] = [];
    for (let start = 0; start < wanted.length; start += IDS_PER_REQUEST) {
      requests.push(this.askOpenInterest(wanted.slice(start, start + IDS_PER_REQUEST), options));
    }
    return new Map((await Promise.all(requests)).flat());
  }

  private async askOpenInterest(ids: readonly string[], options: CallOptions): Promise<[string, MicroUsdc][]> {
    const call: VenueCall = {
      family: 'data',
      budget: 'data:other',
      path: '/oi',
      query: new URLSearchParams({ market: ids.join(',') }),
    };
    const answer = await this.transport.sendForJson(call, options);
    const rows = Array.isArray(answer) ? parseRows(answer, 'oi', readOpenInterest) : [];
    const refusals = rows.flatMap((row) => (row.ok ? [] : [row.refusal]));
    if (!Array.isArray(answer)) refusals.push({ path: 'oi', reason: 'found no array, expected an array', id: null });
    if (refusals.length > 0) throw new VenueBadAnswerError(refusals, { family: 'data', path: call.path });
    return rows.flatMap((row) =>
      row.ok && ids.includes(row.value.market) ? [[row.value.market, row.value.value]] : [],
    );
  }
}
