import type { VenueKind } from './venue-kind';

export interface BannerFacts {
  venue: VenueKind;
  /** The simulated venue, when that is the venue. */
  simulator?: { url: string; markets: number };
  /** `http://host:port` */
  url: string;
  /** Which engine keeps the documents, and where. */
  database: string;
  /** Where rate windows and heartbeats are kept. */
  shared: string;
  /** How to get a token for the admin routes. */
  tokenCommand: string;
}

/** Returns the lines shown once the api answers. */
export function bannerLines(facts: BannerFacts): string[] {
  const what =
    facts.venue === 'simulated'
      ? `demo on a SIMULATED venue with ${facts.simulator?.markets.toLocaleString('en-US') ?? 'some'} invented markets; nothing here is real`
      : 'markets of Polymarket; paper money only';
  const rows: [string, string][] = [
    ['Console', `${facts.url}/console`],
    ['Try', `${facts.url}/markets?search=election&page_size=5`],
    ['Docs', `${facts.url}/docs`],
    ['Account', 'open one in the console, or by POST /auth/register'],
    ['Health', `${facts.url}/health`],
    ...(facts.simulator === undefined ? [] : [['Venue', `${facts.simulator.url} (simulated)`] as [string, string]]),
    ['Database', facts.database],
    ['Shared state', facts.shared],
    ['Admin token', facts.tokenCommand],
    ['Stop', 'Ctrl-C; the next start goes on where this one stopped'],
  ];
  return ['', `PaperTradingPM: ${what}`, '', ...rows.map(([name, value]) => `  ${name.padEnd(13)} ${value}`), ''];
}
