import { bannerLines } from './banner';

const facts = {
  url: 'http://127.0.0.1:8000',
  database: 'embedded store 0.1.0 (no mongod on PATH or in the cache), data in /x/data/demo',
  shared: 'inside this process',
  tokenCommand: 'npm run token -- --demo --role admin',
};

const simulator = { url: 'http://127.0.0.1:9000', markets: 20_000 };

describe('bannerLines', () => {
  it('says that a simulated venue is simulated', () => {
    const text = bannerLines({ ...facts, venue: 'simulated', simulator }).join('\n');
    expect(text).toContain('SIMULATED venue with 20,000 invented markets');
    expect(text).toContain(simulator.url);
    for (const fact of Object.values(facts)) expect(text).toContain(fact);
  });

  it('does not call the real venue simulated', () => {
    expect(bannerLines({ ...facts, venue: 'polymarket' }).join('\n')).not.toMatch(/simulated/i);
  });
});
