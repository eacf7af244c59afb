import { startTestSimulator, type TestSimulator } from '@app/testing';
import { ask, type Json } from './ask';

describe('the simulated Data API', () => {
  let simulator: TestSimulator;
  let data: string;
  let market: Json;

  beforeAll(async () => {
    simulator = await startTestSimulator({ markets: 800 });
    data = simulator.dataUrl;
    market =
      (await simulator.markets()).find((row) => row.acceptingOrders === true && Number(row.volumeNum) > 20_000) ?? {};
  });
  afterAll(() => simulator.stop());

  it('gives open interest and leaves unknown ids out', async () => {
    const answer = await ask<Json[]>(`${data}/oi?market=${String(market.conditionId)},0xabc`);
    expect(answer.body).toEqual([{ market: market.conditionId, value: expect.any(Number) }]);
    const v2 = await ask(`${data}/v2/oi?condition=${String(market.conditionId)}`);
    expect(v2.body.data).toEqual([{ condition_id: market.conditionId, value: answer.body[0]?.value }]);
    expect((await ask<Json[]>(`${data}/oi`)).body).toEqual([{ market: 'GLOBAL', value: expect.any(Number) }]);
  });

  it('gives trades newest first, by market and by side', async () => {
    const answer = await ask<Json[]>(`${data}/trades?market=${String(market.conditionId)}&limit=50&side=BUY`);
    const times = answer.body.map((trade) => Number(trade.timestamp));
    expect(answer.body.length).toBeGreaterThan(0);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(answer.body.every((trade) => trade.conditionId === market.conditionId && trade.side === 'BUY')).toBe(true);
    expect((await ask<Json[]>(`${data}/trades?limit=7`)).body).toHaveLength(7);
  });

  it('gives at most 20 holders a token', async () => {
    const answer = await ask<Json[]>(`${data}/holders?market=${String(market.conditionId)}&limit=100`);
    expect(answer.body).toHaveLength(2);
    expect(answer.body.every((side) => (side.holders as Json[]).length <= 20)).toBe(true);
    expect((await ask(`${data}/holders`)).status).toBe(400);
  });

  it('gives the second version’s price history with its own words', async () => {
    const [token = ''] = JSON.parse(String(market.clobTokenIds)) as string[];
    const answer = await ask(`${data}/v2/prices-history?token_id=${token}&interval=1d&bucket_seconds=3600`);
    const points = answer.body.data as Json[];
    expect(points.at(-1)).toEqual({
      timestamp: expect.any(Number),
      price: expect.any(Number),
      resolution_seconds: 3600,
    });
    const refused = await ask(`${data}/v2/prices-history?market=${token}&interval=1d`);
    expect([refused.status, refused.body.parameter]).toEqual([400, 'market']);
  });

  it('answers unknown paths in plain text', async () => {
    const answer = await ask<string>(`${data}/markets`);
    expect([answer.status, answer.text]).toEqual([404, '404 page not found\n']);
    expect(answer.headers.get('content-type')).toContain('text/plain');
  });
});
