import { bannerLines } from './banner';

const facts = {
  url: 'http://127.0.0.1:8000',
  store: '/x/data/demo (embedded store)',
  shared: 'inside this process',
  tokenCommand: 'npm run token -- --demo --role admin',
};

describe('bannerLines', () => {
  it('says that a simulated venue is simulated', () => {
    const text = bannerLines({ ...facts, venue: 'simulated', simulatedMarkets: 20_000 }).join('\n');
    expect(text).toContain('SIMULATED venue with 20,000 invented markets');
    for (const fact of Object.values(facts)) expect(text).toContain(fact);
  });

  it('does not call the real venue simulated', () => {
    expect(bannerLines({ ...facts, venue: 'polymarket' }).join('\n')).not.toMatch(/simulated/i);
  });
});
