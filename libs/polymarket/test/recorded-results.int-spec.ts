import { readFileSync } from 'node:fs';
import path from 'node:path';
import { acceptResolution, type ResolutionVerdict, type VenueMarket } from '@app/domain';
import {
  type ClobMarket,
  type ClobSimplifiedMarket,
  parseMarketChannelMessage,
  parseRow,
  parseRows,
  readClobMarket,
  readClobSimplifiedMarket,
  readGammaSearchAnswer,
  readVenueMarket,
  toVenueMarket,
  type WireObject,
} from '@app/polymarket';

const folder = process.env['POLYMARKET_RECORDINGS_DIR'];
if (folder === undefined) {
  process.stdout.write('recorded results: skipped, set POLYMARKET_RECORDINGS_DIR to the folder of recordings to run\n');
}

const text = (file: string): string => readFileSync(path.join(folder ?? '', file), 'utf8');
const json = (file: string): unknown => JSON.parse(text(file));

function one<T>(value: unknown, read: (row: WireObject) => T): T {
  const parsed = parseRow(value, '', read);
  if (!parsed.ok) throw new Error(`${parsed.refusal.path}: ${parsed.refusal.reason}`);
  return parsed.value;
}

function all<T>(rows: unknown, read: (row: WireObject) => T): T[] {
  return parseRows(rows as unknown[], '', read).map((row) => {
    if (!row.ok) throw new Error(`${row.refusal.path}: ${row.refusal.reason}`);
    return row.value;
  });
}

/** What Gamma alone proves of a market. */
function byGamma(market: VenueMarket): ResolutionVerdict {
  const outcomes = market.outcomes.map((name, index) => ({ name, tokenId: market.clobTokenIds[index] ?? '' }));
  return acceptResolution({ outcomes, gamma: market, clob: null, announced: null });
}

/** What the CLOB alone proves of a market. */
function byClob(market: ClobSimplifiedMarket): ResolutionVerdict {
  const outcomes = market.tokens.map(({ tokenId, outcome }) => ({ tokenId: tokenId ?? '', name: outcome ?? '' }));
  return acceptResolution({ outcomes, clob: market, gamma: null, announced: null });
}

function count(verdicts: readonly ResolutionVerdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) {
    const key = verdict.accepted ? 'accepted' : verdict.doubt;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

(folder === undefined ? describe.skip : describe)('G1 on recorded markets', () => {
  const gammaFiles = (file: string): VenueMarket[] => all(json(`gamma/${file}`), readVenueMarket);

  it('470 closed rows of the CLOB: the 122 with a winner are results, the 348 without are none', () => {
    const page = json('clob/markets_page1_2025-07_500.json') as { data: unknown };
    const rows: ClobMarket[] = all(page.data, readClobMarket);
    const closed = rows.filter((row) => row.closed);
    expect(closed).toHaveLength(470);
    expect(count(closed.map(byClob))).toEqual({ accepted: 122, no_result: 348 });
    const onlyPrices = closed.filter(
      ({ tokens }) => tokens.every(({ winner }) => !winner) && tokens.some(({ price }) => price === 1_000_000n),
    );
    expect(onlyPrices).toHaveLength(132);
    expect(onlyPrices.map(byClob).every(({ accepted }) => !accepted)).toBe(true);
    for (const row of closed) {
      const verdict = byClob(row);
      if (verdict.accepted) expect(verdict.payouts).toEqual(row.tokens.map(({ price }) => price));
    }
    expect(
      rows
        .filter((row) => !row.closed)
        .map(byClob)
        .every(({ accepted }) => !accepted),
    ).toBe(true);
  });

  it('the simplified page of 2026: only rows with a winner are results', () => {
    const page = json('clob/simplified_markets_page1_2026-04-22_1000.json') as { data: unknown };
    const rows = all(page.data, readClobSimplifiedMarket);
    const won = rows.filter(({ closed, tokens }) => closed && tokens.some(({ winner }) => winner));
    expect(won).toHaveLength(578);
    expect(rows.map(byClob).filter(({ accepted }) => accepted)).toHaveLength(578);
  });

  it('195 five-minute markets, resolved automatically, carry the status resolved and are results', () => {
    const lines = text('gamma/btc5m_settled_2026-07-24_a.jsonl').trim().split('\n');
    const recorded = lines.map(
      (line) => JSON.parse(line) as { raw: Record<string, unknown>; outcome_prices: string[] },
    );
    expect(recorded.every(({ raw }) => raw['automaticallyResolved'] === true)).toBe(true);
    expect(recorded.every(({ raw }) => raw['umaResolutionStatus'] === 'resolved')).toBe(true);
    for (const { raw, outcome_prices } of recorded) {
      const payouts = outcome_prices.map((price) => BigInt(price) * 1_000_000n);
      expect(byGamma(one(raw, readVenueMarket))).toMatchObject({ accepted: true, source: 'gamma', payouts });
    }
    expect(recorded).toHaveLength(195);
  });

  it('twenty closed rows of 2020 are no results', () => {
    const verdicts = gammaFiles('markets_legacy_closed_20.json').map(byGamma);
    expect(verdicts).toHaveLength(20);
    expect(verdicts.some(({ accepted }) => accepted)).toBe(false);
  });

  it('a scalar market of 2020 is no result', () => {
    const market = one(json('nautilus/rust/gamma_market_closed_nonbinary_legacy.json'), readVenueMarket);
    expect(byGamma(market)).toMatchObject({ accepted: false, doubt: 'no_result' });
  });

  it('one market as the CLOB and as Gamma tell it: each is a result, both are the same', () => {
    const clob = one(json('nautilus/rust/clob_market_closed_binary_accepting_false.json'), readClobMarket);
    const gamma = one(json('nautilus/rust/gamma_market_closed_binary_accepting_false.json'), readVenueMarket);
    expect(clob.conditionId).toBe(gamma.conditionId);
    expect(byClob(clob)).toMatchObject({ accepted: true, payouts: [0n, 1_000_000n] });
    expect(byGamma(gamma)).toMatchObject({ accepted: true, payouts: [0n, 1_000_000n] });
    const outcomes = gamma.outcomes.map((name, index) => ({ name, tokenId: gamma.clobTokenIds[index] ?? '' }));
    expect(acceptResolution({ outcomes, clob, gamma, announced: null })).toEqual({
      accepted: true,
      payouts: [0n, 1_000_000n],
      source: 'clob',
      evidence:
        `CLOB: closed, winner No (token ${gamma.clobTokenIds[1]}). ` +
        'Gamma: closed, prices 0 and 1, UMA status resolved.',
    });
  });

  it('a game and the four legs of a neg-risk event are results, each leg on its own', () => {
    const game = one(json('nautilus/rust/gamma_market_sports_market_money_line.json'), readVenueMarket);
    expect(byGamma(game)).toMatchObject({ accepted: true, payouts: [1_000_000n, 0n] });
    const found = one(json('gamma/public_search_fed_2026.json'), readGammaSearchAnswer);
    const legs = found.events.flatMap(({ markets }) => markets).filter(({ closed }) => closed);
    expect(count(legs.map(toVenueMarket).map(byGamma))).toEqual({ accepted: 4 });
    const won = legs.map(toVenueMarket).filter(({ outcomePrices }) => outcomePrices[0] === '1');
    expect([legs.length, won.length]).toEqual([4, 1]);
  });

  it('nothing that is open is a result', () => {
    const open = ['markets_2026-02-07_500.json', 'markets_2026-03-10_50.json', 'markets_2025-07_5.json'];
    const verdicts = open.flatMap(gammaFiles).map(byGamma);
    expect(verdicts).toHaveLength(555);
    expect(verdicts.some(({ accepted }) => accepted)).toBe(false);
  });

  it('a market_resolved message alone is not one', () => {
    const message = parseMarketChannelMessage(json('nautilus/rust/ws_market_resolved_msg.json'), 'message');
    if (!message.ok || message.value.type !== 'market_resolved') throw new Error('not a market_resolved message');
    const { tokenIds, winningTokenId } = message.value;
    const outcomes = tokenIds.map((tokenId) => ({ tokenId, name: tokenId }));
    const said = { outcomes, clob: null, gamma: null, announced: { winningTokenId } };
    expect(acceptResolution(said)).toMatchObject({ accepted: false, doubt: 'unconfirmed' });
    const clob = { closed: true, tokens: tokenIds.map((tokenId) => ({ tokenId, winner: tokenId === winningTokenId })) };
    expect(acceptResolution({ ...said, clob })).toMatchObject({ accepted: true, payouts: [1_000_000n, 0n] });
  });
});
