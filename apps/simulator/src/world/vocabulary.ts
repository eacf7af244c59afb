import type { FeeTerms, SeriesState, TagState } from './market-state';

/** Words the world is written with. People, films and games are invented; places, clubs and coins are real names used as labels. */

const TAG_LABELS = [
  'All',
  'Politics',
  'Elections',
  'Geopolitics',
  'World',
  'US Election',
  'Crypto',
  'Crypto Prices',
  'Up or Down',
  'Recurring',
  '5M',
  '15M',
  'Bitcoin',
  'Ethereum',
  'Solana',
  'XRP',
  'Dogecoin',
  'Sports',
  'Games',
  'NBA',
  'NFL',
  'NHL',
  'MLB',
  'Soccer',
  'EPL',
  'La Liga',
  'Bundesliga',
  'Esports',
  'Counter Strike 2',
  'Tennis',
  'Business',
  'Economy',
  'Fed Rates',
  'Inflation',
  'Finance',
  'Stocks',
  'Tech',
  'AI',
  'Big Tech',
  'Pop Culture',
  'Music',
  'Movies',
  'Awards',
  'Weather',
  'Daily Temperature',
  'Climate & Science',
  'Space',
  'Mentions',
  'Trade',
  'Middle East',
  'Europe',
  'Latin America',
  'Asia',
  'Africa',
  'Hide From New',
] as const;

export type TagLabel = (typeof TAG_LABELS)[number];

export function slugify(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/ł/g, 'l')
    .replace(/ø/g, 'o')
    .replace(/\$/g, '')
    .replace(/(\d)\.(\d)/g, '$1pt$2')
    .toLowerCase()
    .replace(/[’“”']/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 110);
}

export const TAGS: readonly TagState[] = TAG_LABELS.map((label, index) => ({
  id: label === 'All' ? 100215 : 2 + index * 37,
  label,
  slug: slugify(label),
}));

export function tagsOf(...labels: TagLabel[]): TagState[] {
  return [...labels, 'All' as const].map((label) => {
    const tag = TAGS.find((candidate) => candidate.label === label);
    if (tag === undefined) throw new RangeError(`no tag ${label}`);
    return tag;
  });
}

export function series(slug: string, title: string, recurrence: string): SeriesState {
  const fold = [...slug].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 89_989, 7);
  return { id: 10_000 + fold, slug, title, recurrence };
}

/** Fee terms by category as the venue published them in autumn 2026; null is free. */
export const FEES = {
  crypto: { type: 'crypto_fees_v2', rate: 0.07, rebateRate: 0.2 },
  sports: { type: 'sports_fees_v3', rate: 0.05, rebateRate: 0.15 },
  politics: { type: 'politics_fees', rate: 0.04, rebateRate: 0.25 },
  tech: { type: 'tech_fees', rate: 0.04, rebateRate: 0.25 },
  general: { type: 'general_fees', rate: 0.05, rebateRate: 0.25 },
  culture: { type: 'culture_fees', rate: 0.05, rebateRate: 0.25 },
  weather: { type: 'weather_fees', rate: 0.05, rebateRate: 0.25 },
  economics: { type: 'economics_fees', rate: 0.05, rebateRate: 0.25 },
} as const satisfies Record<string, FeeTerms>;

export const FIRST_NAMES = [
  'Amara',
  'Mateo',
  'Zoë',
  'Łukasz',
  'Ingrid',
  'Tomás',
  'Priya',
  'Kenji',
  'Helena',
  'Omar',
  'Beatriz',
  'Søren',
  'Yara',
  'Dmitri',
  'Chloé',
  'Ravi',
  'Nadia',
  'Jonas',
  'Élodie',
  'Marcus',
  'Linh',
  'Aoife',
  'Emre',
  'Sofía',
  'Daniel',
  'Grace',
  'Hugo',
  'Mireille',
  'Nikolai',
  'Ruth',
] as const;

export const LAST_NAMES = [
  'Okafor',
  'Ibáñez',
  'Lindqvist',
  'Kowalski',
  'Moreau',
  'Tanaka',
  'Haddad',
  'Novák',
  'Petersen',
  'Oliveira',
  'Whitfield',
  'Castellanos',
  'Brandt',
  'Nakamura',
  'Achterberg',
  'Rossi',
  'Müller',
  'Sanderson',
  'Yılmaz',
  'Villanueva',
  'Keller',
  'Abernathy',
  'Dubois',
  'Eze',
  'Marchetti',
  'Sokolov',
  'Penrose',
  'Quintero',
  'Halvorsen',
  'Rahman',
  'Lockhart',
  'Szabó',
  'Thibault',
  'Varga',
  'Wexler',
  'Zambrano',
] as const;

export const COUNTRIES = [
  'France',
  'Germany',
  'Spain',
  'Portugal',
  'Poland',
  'Sweden',
  'Norway',
  'Italy',
  'Greece',
  'Czechia',
  'Hungary',
  'Romania',
  'Japan',
  'South Korea',
  'India',
  'Indonesia',
  'Thailand',
  'Brazil',
  'Argentina',
  'Chile',
  'Colombia',
  'Peru',
  'Mexico',
  'Canada',
  'Australia',
  'New Zealand',
  'Kenya',
  'Nigeria',
  'Ghana',
  'South Africa',
  'Egypt',
  'Türkiye',
  'Israel',
  'Armenia',
  'Moldova',
  'Côte d’Ivoire',
] as const;

export const STATES = [
  'Texas',
  'Ohio',
  'Maine',
  'Georgia',
  'Nevada',
  'Arizona',
  'Iowa',
  'Michigan',
  'Virginia',
  'Colorado',
  'Wisconsin',
  'New Hampshire',
  'North Carolina',
  'Pennsylvania',
  'Minnesota',
  'Florida',
  'Oregon',
  'Montana',
  'Alaska',
  'Kansas',
] as const;

export const OFFICES = ['Governor', 'Senate', 'Attorney General', 'Lieutenant Governor', 'Secretary of State'] as const;

export const PARTIES = [
  'Social Democrats',
  'Christian Democrats',
  'Liberal Party',
  'Green Alliance',
  'Conservatives',
  'Left Bloc',
  'National Front',
  'Centre Party',
  'Reform Movement',
  'Farmers’ Union',
  'Pirate Party',
] as const;

export const CITIES = [
  'London',
  'New York City',
  'Paris',
  'Seoul',
  'Buenos Aires',
  'Toronto',
  'Ankara',
  'Dallas',
  'Miami',
  'Chicago',
  'Atlanta',
  'Seattle',
  'São Paulo',
  'Wellington',
  'Munich',
  'Lucknow',
  'Tel Aviv',
  'Madrid',
  'Shanghai',
  'Hong Kong',
] as const;

export const BANKS = [
  'Fed',
  'ECB',
  'Bank of England',
  'Bank of Japan',
  'Bank of Canada',
  'Riksbank',
  'Norges Bank',
  'RBA',
  'SNB',
  'Banxico',
] as const;

export const COMPANIES = [
  'Apple',
  'Nvidia',
  'Tesla',
  'Microsoft',
  'Amazon',
  'Alphabet',
  'Meta',
  'Netflix',
  'Intel',
  'AMD',
  'Palantir',
  'Coinbase',
  'Micron',
  'Spotify',
  'Uber',
  'Boeing',
  'Nintendo',
  'Airbus',
  'Rivian',
  'Shopify',
] as const;

export const PRODUCTS = [
  'a foldable phone',
  'a new flagship AI model',
  'smart glasses',
  'a humanoid robot',
  'a home battery',
  'an AI voice assistant',
  'a robotaxi service',
  'a quantum cloud service',
  'a satellite phone plan',
  'an AI search engine',
] as const;

export interface Coin {
  name: string;
  ticker: string;
  tag: TagLabel;
  price: number;
}

export const COINS: readonly Coin[] = [
  { name: 'Bitcoin', ticker: 'btc', tag: 'Bitcoin', price: 95_000 },
  { name: 'Ethereum', ticker: 'eth', tag: 'Ethereum', price: 3_400 },
  { name: 'Solana', ticker: 'sol', tag: 'Solana', price: 180 },
  { name: 'XRP', ticker: 'xrp', tag: 'XRP', price: 2.4 },
  { name: 'Dogecoin', ticker: 'doge', tag: 'Dogecoin', price: 0.24 },
];

export interface League {
  tag: TagLabel;
  code: string;
  label: string;
  draw: boolean;
  unit: string;
  total: number;
  secondsDelay: number;
  series: SeriesState;
  teams: readonly string[];
}

export const LEAGUES: readonly League[] = [
  {
    tag: 'NBA',
    code: 'nba',
    label: 'NBA',
    draw: false,
    unit: 'points',
    total: 224.5,
    secondsDelay: 0,
    series: series('nba', 'NBA', 'daily'),
    teams: [
      'Lakers',
      'Celtics',
      'Warriors',
      'Knicks',
      'Nuggets',
      'Bucks',
      'Heat',
      'Suns',
      'Mavericks',
      'Thunder',
      '76ers',
      'Raptors',
    ],
  },
  {
    tag: 'NFL',
    code: 'nfl',
    label: 'NFL',
    draw: false,
    unit: 'points',
    total: 44.5,
    secondsDelay: 3,
    series: series('nfl', 'NFL', 'weekly'),
    teams: [
      'Chiefs',
      'Eagles',
      'Bills',
      '49ers',
      'Ravens',
      'Cowboys',
      'Lions',
      'Packers',
      'Dolphins',
      'Steelers',
      'Raiders',
      'Jets',
    ],
  },
  {
    tag: 'NHL',
    code: 'nhl',
    label: 'NHL',
    draw: false,
    unit: 'goals',
    total: 5.5,
    secondsDelay: 3,
    series: series('nhl', 'NHL', 'daily'),
    teams: [
      'Canadiens',
      'Maple Leafs',
      'Bruins',
      'Rangers',
      'Oilers',
      'Avalanche',
      'Golden Knights',
      'Kraken',
      'Devils',
      'Blues',
    ],
  },
  {
    tag: 'EPL',
    code: 'epl',
    label: 'Premier League',
    draw: true,
    unit: 'goals',
    total: 2.5,
    secondsDelay: 3,
    series: series('epl', 'EPL', 'weekly'),
    teams: [
      'Arsenal',
      'Liverpool',
      'Chelsea',
      'Everton',
      'Brighton',
      'Fulham',
      'Newcastle',
      'Aston Villa',
      'West Ham',
      'Brentford',
    ],
  },
  {
    tag: 'La Liga',
    code: 'lal',
    label: 'La Liga',
    draw: true,
    unit: 'goals',
    total: 2.5,
    secondsDelay: 3,
    series: series('la-liga', 'La Liga', 'weekly'),
    teams: [
      'Barcelona',
      'Real Madrid',
      'Atlético',
      'Sevilla',
      'Valencia',
      'Villarreal',
      'Real Betis',
      'Celta Vigo',
      'Alavés',
      'Cádiz',
    ],
  },
  {
    tag: 'Bundesliga',
    code: 'bun',
    label: 'Bundesliga',
    draw: true,
    unit: 'goals',
    total: 3.5,
    secondsDelay: 3,
    series: series('bundesliga', 'Bundesliga', 'weekly'),
    teams: [
      'Bayern München',
      'Dortmund',
      'Leverkusen',
      'Leipzig',
      'Freiburg',
      '1. FC Köln',
      'Mönchengladbach',
      'St. Pauli',
    ],
  },
  {
    tag: 'Counter Strike 2',
    code: 'cs2',
    label: 'Counter-Strike',
    draw: false,
    unit: 'maps',
    total: 2.5,
    secondsDelay: 3,
    series: series('counter-strike', 'Counter Strike', 'daily'),
    teams: [
      'Northwind',
      'Basilisk',
      'Ember Five',
      'Polar Club',
      'Kestrels',
      'Old Guard',
      'Nightjar',
      'Redline',
      'Vostok Seven',
      'Mirage Kids',
    ],
  },
] as const;

export const ARTISTS = [
  'Velvet Meridian',
  'Kaya Lune',
  'The Paper Lanterns',
  'DJ Ostrava',
  'Marisol Vega',
  'Hollow Kings',
  'Nova Akinyi',
  'Björn & the Foxes',
  'Saint Juniper',
  'Lo-Fi Cartographers',
  'Ruby Castellane',
  'Tide & Tremor',
] as const;

export const FILMS = [
  'The Glass Harbour',
  'Midnight Cartographer',
  'A Winter in Lisbon',
  'Iron Orchard',
  'The Last Lighthouse',
  'Saltwater Saints',
  'Echoes of Ganymede',
  'The Beekeeper’s Son',
  'Paper Tigers II',
  'Café Nocturne',
  'Northbound',
  'The Quiet Engine',
] as const;

export const AWARDS = [
  'Academy Awards',
  'Golden Globes',
  'BAFTA Awards',
  'Critics’ Choice Awards',
  'Cannes Film Festival',
] as const;
export const AWARD_CLASSES = [
  'Best Picture',
  'Best Director',
  'Best Original Score',
  'Best Cinematography',
  'Best Screenplay',
] as const;

export const SPOKEN_WORDS = [
  'tariff',
  'inflation',
  'blockchain',
  'artificial intelligence',
  'climate',
  'ceasefire',
  'recession',
  'unprecedented',
  'Bitcoin',
  'energy',
  'border',
  'chips',
  'nuclear',
  'drones',
  'moon',
] as const;
export const SPEECHES = [
  'the State of the Union address',
  'the Davos keynote',
  'the earnings call',
  'the UN General Assembly speech',
  'the press conference',
  'the budget statement',
] as const;

export const AGREEMENTS = [
  'a free trade agreement',
  'a ceasefire agreement',
  'a visa-waiver deal',
  'a defence pact',
  'a fisheries treaty',
  'a gas supply contract',
] as const;
export const ROCKETS = [
  'Starship',
  'New Glenn',
  'Vulcan',
  'Ariane 6',
  'Neutron',
  'Long March 10',
  'H3',
  'SLS',
] as const;

export const LEGACY_QUESTIONS = [
  'Will the stadium reopen to fans before the end of 2020?',
  'Will a new Supreme Court justice be confirmed before November 3rd, 2020?',
  'Will the ride-hailing company begin publicly trading before Jan 1, 2021?',
  'Will Ethereum 2.0 Phase 0 launch before the end of 2020?',
  'Will a coronavirus vaccine be approved for emergency use in 2020?',
  'Will the total value locked in DeFi reach $20b in 2020?',
  'Will it snow in New York’s Central Park on New Year’s Eve 2020?',
  'Will the halftime show feature a surprise guest in 2021?',
] as const;
