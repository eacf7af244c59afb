import type { FeeTerms, SeriesState, TagState } from './market-state';
import type { Random } from './random';
import { dayOfMonth, easternClock, isoDay, longDate, monthName, year } from './venue-time';
import * as words from './vocabulary';

/** One market of a planned event. */
export interface MarketPlan {
  question: string;
  /** Left out: made from the question. */
  slug?: string;
  groupTitle: string | null;
  outcomes: readonly string[];
  /** First outcome's chance, 0..1. */
  chance: number;
  placeholder?: boolean;
  other?: boolean;
  sportsMarketType?: string;
  line?: number;
}

export interface EventPlan {
  title: string;
  slug?: string;
  rules: string;
  resolutionSource: string;
  picture: string;
  category: string;
  tags: TagState[];
  series: SeriesState | null;
  fees: FeeTerms | null;
  negRisk: boolean;
  augmented: boolean;
  gameStartAt: number | null;
  secondsDelay: number;
  crypto: { asset: string; duration: string; startAt: number } | null;
  ticks: readonly number[];
  /** How much more than usual is traded. */
  appeal: number;
  markets: MarketPlan[];
}

type Writer = (random: Random, endAt: number) => EventPlan;

const DAY = 86_400;
const YES_NO = ['Yes', 'No'] as const;
const UP_DOWN = ['Up', 'Down'] as const;
const OVER_UNDER = ['Over', 'Under'] as const;
const FINE = [1_000, 1_000, 10_000] as const;
const COARSE = [10_000, 10_000, 10_000, 1_000, 5_000] as const;

function yesNo(question: string, groupTitle: string | null, chance: number): MarketPlan {
  return { question, groupTitle, outcomes: YES_NO, chance };
}

function plan(part: Partial<EventPlan> & Pick<EventPlan, 'title' | 'rules' | 'tags' | 'markets'>): EventPlan {
  return {
    resolutionSource: '',
    picture: words.slugify(part.title).slice(0, 48),
    category: 'General',
    series: null,
    fees: null,
    negRisk: false,
    augmented: false,
    gameStartAt: null,
    secondsDelay: 0,
    crypto: null,
    ticks: COARSE,
    appeal: 1,
    ...part,
  };
}

/** Chances of exclusive outcomes: they sum to 1. */
function shares(random: Random, count: number): number[] {
  const weights = Array.from({ length: count }, (_, place) => random.logUniform(0.2, 3) / (place + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function person(random: Random): string {
  return `${random.pick(words.FIRST_NAMES)} ${random.pick(words.LAST_NAMES)}`;
}

function people(random: Random, count: number): string[] {
  const names = new Set<string>();
  while (names.size < count) names.add(person(random));
  return [...names];
}

/** The unnamed rest of an augmented event: placeholders that are not active yet, and "Other". */
function placeholders(count: number, question: (name: string) => string): MarketPlan[] {
  const letters = Array.from({ length: count }, (_, place) => `Person ${String.fromCharCode(65 + place)}`);
  return [
    ...letters.map((name) => ({ ...yesNo(question(name), name, 0.01), placeholder: true })),
    { ...yesNo(question('another person'), 'Other', 0.02), other: true },
  ];
}

const CONSENSUS = 'A consensus of credible reporting may also be used.';

const stateElection: Writer = (random, endAt) => {
  const state = random.pick(words.STATES);
  const office = random.pick(words.OFFICES);
  const names = people(random, random.int(4, 11));
  const chances = shares(random, names.length);
  const title = `${state} ${office} Election Winner ${year(endAt)}`;
  const question = (name: string): string => `Will ${name} win the ${year(endAt)} ${state} ${office} election?`;
  return plan({
    title,
    rules: `This market will resolve according to the winner of the ${year(endAt)} ${state} ${office} election, scheduled for ${longDate(endAt)}. If the winner is not known by the end of the following year, this market will resolve to "Other". ${CONSENSUS}`,
    tags: words.tagsOf('Politics', 'Elections', 'US Election'),
    category: 'Politics',
    fees: words.FEES.politics,
    negRisk: true,
    augmented: true,
    ticks: FINE,
    appeal: 4,
    markets: [
      ...names.map((name, place) => yesNo(question(name), name, chances[place] ?? 0.1)),
      ...placeholders(random.int(1, 5), question),
    ],
  });
};

const parliament: Writer = (random, endAt) => {
  const country = random.pick(words.COUNTRIES);
  const parties = random.sample(words.PARTIES, random.int(3, 7));
  const chances = shares(random, parties.length);
  return plan({
    title: `${country} Parliamentary Election: most seats in ${year(endAt)}`,
    rules: `This market will resolve to the party that wins the most seats in the next parliamentary election of ${country}, scheduled for ${longDate(endAt)}. Ties are broken by the number of valid votes. ${CONSENSUS}`,
    tags: words.tagsOf('Politics', 'Elections', 'World'),
    category: 'Politics',
    fees: words.FEES.politics,
    negRisk: true,
    ticks: FINE,
    appeal: 3,
    markets: parties.map((party, place) =>
      yesNo(
        `Will the ${party} win the most seats in the ${year(endAt)} ${country} election?`,
        party,
        chances[place] ?? 0.1,
      ),
    ),
  });
};

const centralBank: Writer = (random, endAt) => {
  const bank = random.pick(words.BANKS);
  const moves = ['50+ bps decrease', '25 bps decrease', 'No change', '25+ bps increase'];
  const chances = shares(random, moves.length);
  const meeting = `${monthName(endAt)} ${year(endAt)} meeting`;
  const phrase: Record<string, string> = {
    '50+ bps decrease': `Will the ${bank} decrease interest rates by 50+ bps after the ${meeting}?`,
    '25 bps decrease': `Will the ${bank} decrease interest rates by 25 bps after the ${meeting}?`,
    'No change': `Will there be no change in ${bank} interest rates after the ${meeting}?`,
    '25+ bps increase': `Will the ${bank} increase interest rates by 25+ bps after the ${meeting}?`,
  };
  return plan({
    title: `${bank} Decision in ${monthName(endAt)} ${year(endAt)}?`,
    rules: `This market resolves to the amount of basis points the key rate is changed by versus the level before the ${bank}'s ${meeting}, scheduled to end on ${longDate(endAt)}. If no statement is published by then, it resolves to "No change". ${CONSENSUS}`,
    tags: words.tagsOf('Economy', 'Fed Rates', 'Finance'),
    category: 'Economics',
    fees: words.FEES.economics,
    negRisk: true,
    ticks: FINE,
    appeal: 12,
    markets: moves.map((move, place) => yesNo(phrase[move] ?? move, move, chances[place] ?? 0.2)),
  });
};

const inflation: Writer = (random, endAt) => {
  const country = random.pick(['US', 'Eurozone', 'UK', 'Japan', 'Türkiye', 'Argentina'] as const);
  const base = random.int(18, 42) / 10;
  const steps = Array.from({ length: random.int(3, 6) }, (_, place) => (base + place / 10).toFixed(1));
  const chances = shares(random, steps.length);
  return plan({
    title: `${country} annual inflation in ${monthName(endAt)} ${year(endAt)}?`,
    rules: `This market will resolve according to the 12-month change of the all-items consumer price index of the ${country}, as first published for ${monthName(endAt)} ${year(endAt)}, rounded to one decimal. Later revisions are not considered. ${CONSENSUS}`,
    tags: words.tagsOf('Economy', 'Inflation'),
    category: 'Economics',
    fees: words.FEES.economics,
    negRisk: true,
    ticks: FINE,
    appeal: 2,
    markets: steps.map((step, place) =>
      yesNo(
        `Will ${country} annual inflation be ${step}% in ${monthName(endAt)} ${year(endAt)}?`,
        `${step}%`,
        chances[place] ?? 0.2,
      ),
    ),
  });
};

const coinLevels: Writer = (random, endAt) => {
  const coin = random.pick(words.COINS);
  const rungs = random
    .sample([0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.35, 1.5, 2], random.int(4, 8))
    .sort((a, b) => a - b);
  return plan({
    title: `What price will ${coin.name} hit in ${monthName(endAt)} ${year(endAt)}?`,
    rules: `Each market immediately resolves to "Yes" if any one-minute candle of ${coin.ticker.toUpperCase()}/USDT in the stated month has a final high (or low) price at or beyond the level in the title. Otherwise it resolves to "No".`,
    resolutionSource: `https://www.binance.com/en/trade/${coin.ticker.toUpperCase()}_USDT`,
    tags: words.tagsOf('Crypto', 'Crypto Prices', coin.tag),
    category: 'Crypto',
    fees: words.FEES.crypto,
    ticks: FINE,
    appeal: 8,
    markets: rungs.map((rung) => {
      const level = Number((coin.price * rung).toPrecision(2)).toLocaleString('en-US');
      const verb = rung < 1 ? 'dip to' : 'reach';
      const arrow = rung < 1 ? '↓' : '↑';
      return yesNo(
        `Will ${coin.name} ${verb} $${level} in ${monthName(endAt)} ${year(endAt)}?`,
        `${arrow} ${level}`,
        Math.exp(-Math.abs(rung - 1) * 6),
      );
    }),
  });
};

const UP_DOWN_SERIES = new Map<string, SeriesState>(
  words.COINS.flatMap((coin) => [
    [`${coin.ticker}5m`, words.series(`${coin.ticker}-up-or-down-5m`, `${coin.name} Up or Down 5m`, '5m')] as const,
    [`${coin.ticker}15m`, words.series(`${coin.ticker}-up-or-down-15m`, `${coin.name} Up or Down 15m`, '15m')] as const,
  ]),
);

const upOrDown: Writer = (random, roughEnd) => {
  const coin = random.pick(words.COINS);
  const minutes = random.chance(0.75) ? 5 : 15;
  const endAt = Math.round(roughEnd / (minutes * 60)) * minutes * 60;
  const startAt = endAt - minutes * 60;
  const duration = `${minutes}m`;
  const slug = `${coin.ticker}-updown-${duration}-${startAt}`;
  const title = `${coin.name} Up or Down - ${dayOfMonth(startAt - 18_000)}, ${easternClock(startAt)}-${easternClock(endAt)} ET`;
  return plan({
    title,
    slug,
    rules: `This market will resolve to "Up" if the ${coin.name} price at the end of the time range specified in the title is greater than or equal to the price at the beginning of that range. Otherwise, it will resolve to "Down".\nPlease note that this market is about the price according to the ${coin.ticker.toUpperCase()}/USD data stream, not according to other sources or spot markets.`,
    resolutionSource: `https://data.chain.link/streams/${coin.ticker}-usd`,
    picture: `${coin.ticker}-fullsize`,
    tags: words.tagsOf(
      'Crypto',
      'Crypto Prices',
      'Up or Down',
      'Recurring',
      minutes === 5 ? '5M' : '15M',
      coin.tag,
      'Hide From New',
    ),
    category: 'Crypto',
    series: UP_DOWN_SERIES.get(coin.ticker + duration) ?? null,
    fees: words.FEES.crypto,
    crypto: { asset: coin.ticker, duration, startAt },
    ticks: [10_000, 1_000],
    appeal: 0.05,
    markets: [{ question: title, slug, groupTitle: null, outcomes: UP_DOWN, chance: 0.5 }],
  });
};

const game: Writer = (random, endAt) => {
  const league = random.pick(words.LEAGUES);
  const [home = 'Home', away = 'Away'] = random.sample(league.teams, 2);
  const startAt = Math.round((endAt - 3 * 3600) / 900) * 900;
  const day = isoDay(startAt);
  const short = (team: string): string =>
    words
      .slugify(team)
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 3);
  const slug = `${league.code}-${short(away)}-${short(home)}-${day}`;
  const chance = 0.25 + random.fraction() * 0.5;
  const spread = random.int(0, 6) + 0.5;
  const total = league.total + random.int(-2, 2);
  const sides: MarketPlan[] = league.draw
    ? [
        yesNo(`Will ${home} win on ${day}?`, home, chance * 0.8),
        yesNo(`Will ${away} win on ${day}?`, away, (1 - chance) * 0.8),
        yesNo(`Will ${home} vs. ${away} end in a draw on ${day}?`, 'Draw', 0.2),
      ].map((market, place) => ({
        ...market,
        slug: `${slug}-${[short(home), short(away), 'draw'][place] ?? 'x'}`,
        sportsMarketType: 'moneyline',
      }))
    : [
        {
          question: `${league.label}: ${away} vs. ${home}`,
          slug,
          groupTitle: 'Match Winner',
          outcomes: [away, home],
          chance,
          sportsMarketType: 'moneyline',
        },
      ];
  if (!league.draw && random.chance(0.7)) {
    sides.push({
      question: `Spread: ${home} (-${spread})`,
      slug: `${slug}-spread-home-${spread.toString().replace('.', 'pt')}`,
      groupTitle: `Spread -${spread}`,
      outcomes: [home, away],
      chance: 0.5,
      sportsMarketType: 'spreads',
      line: -spread,
    });
  }
  if (random.chance(0.6)) {
    sides.push({
      question: `${away} vs. ${home}: O/U ${total} ${league.unit}`,
      slug: `${slug}-total-${total.toString().replace('.', 'pt')}`,
      groupTitle: `O/U ${total}`,
      outcomes: OVER_UNDER,
      chance: 0.5,
      sportsMarketType: 'totals',
      line: total,
    });
  }
  return plan({
    title: `${away} vs. ${home}`,
    slug,
    rules: `In the upcoming ${league.label} game, scheduled for ${longDate(startAt)}: the market resolves to the side that wins. If the game is postponed, this market will remain open until the game has been completed. If the game is canceled entirely, with no make-up game, this market will resolve 50-50.`,
    resolutionSource: `https://www.example.com/${league.code}/scores`,
    picture: league.code,
    tags: words.tagsOf('Sports', 'Games', league.tag, ...(league.draw ? (['Soccer'] as const) : [])),
    category: 'Sports',
    series: league.series,
    fees: words.FEES.sports,
    negRisk: league.draw,
    gameStartAt: startAt,
    secondsDelay: league.secondsDelay,
    appeal: 0.4,
    markets: sides,
  });
};

const champion: Writer = (random, endAt) => {
  const league = random.pick(words.LEAGUES);
  const teams = random.sample(league.teams, league.teams.length);
  const chances = shares(random, teams.length);
  return plan({
    title: `${league.label} Champion ${year(endAt)}`,
    rules: `This market will resolve to the team that wins the ${year(endAt)} ${league.label} title. If it becomes impossible for a team to win, the corresponding market resolves to "No". ${CONSENSUS}`,
    tags: words.tagsOf('Sports', league.tag),
    category: 'Sports',
    fees: words.FEES.sports,
    negRisk: true,
    ticks: [1_000, 2_500],
    appeal: 6,
    markets: teams.map((team, place) =>
      yesNo(`Will ${team} win the ${year(endAt)} ${league.label} title?`, team, chances[place] ?? 0.1),
    ),
  });
};

const agreement: Writer = (random, endAt) => {
  const [one = 'France', two = 'Chile'] = random.sample(words.COUNTRIES, 2);
  const deal = random.pick(words.AGREEMENTS);
  const title = `${one} x ${two}: ${deal.replace(/^an? /, '')} by ${longDate(endAt)}?`;
  return plan({
    title,
    rules: `This market will resolve to "Yes" if ${one} and ${two} sign ${deal} by ${longDate(endAt)}, 11:59 PM ET. Otherwise, this market will resolve to "No". An announcement of intent or a letter without signature does not count. ${CONSENSUS}`,
    tags: words.tagsOf('Geopolitics', 'World'),
    category: 'Geopolitics',
    markets: [yesNo(`Will ${one} and ${two} sign ${deal} by ${longDate(endAt)}?`, null, random.fraction() * 0.5)],
  });
};

const politics: Writer = (random, endAt) => {
  const country = random.pick(words.COUNTRIES);
  const [topic, question] = random.pick([
    ['Snap election', `Will ${country} call a snap election by ${longDate(endAt)}?`],
    ['Prime minister out', `Will the prime minister of ${country} leave office by ${longDate(endAt)}?`],
    ['Referendum', `Will ${country} hold a national referendum by ${longDate(endAt)}?`],
    ['State of emergency', `Will ${country} declare a state of emergency by ${longDate(endAt)}?`],
    ['Budget', `Will the parliament of ${country} pass a budget by ${longDate(endAt)}?`],
  ] as const);
  return plan({
    title: `${topic} in ${country} by ${longDate(endAt)}?`,
    rules: `This market will resolve to "Yes" if the event in the title happens between market creation and ${longDate(endAt)}, 11:59 PM ET. Otherwise, this market will resolve to "No". ${CONSENSUS}`,
    tags: words.tagsOf('Politics', 'World'),
    category: 'Politics',
    fees: words.FEES.politics,
    markets: [yesNo(question, null, random.fraction() * 0.6)],
  });
};

const product: Writer = (random, endAt) => {
  const company = random.pick(words.COMPANIES);
  const thing = random.pick(words.PRODUCTS);
  return plan({
    title: `${company} ${thing.replace(/^an? /, '')} by ${longDate(endAt)}?`,
    rules: `This market will resolve to "Yes" if ${company} makes ${thing} available to the public in the US by ${longDate(endAt)}, 11:59 PM ET. Closed betas, waitlists and regional tests do not count. ${CONSENSUS}`,
    tags: words.tagsOf('Tech', 'Big Tech', 'AI'),
    category: 'Tech',
    fees: words.FEES.tech,
    markets: [yesNo(`Will ${company} release ${thing} by ${longDate(endAt)}?`, null, random.fraction() * 0.7)],
  });
};

const stockLevels: Writer = (random, endAt) => {
  const company = random.pick(words.COMPANIES);
  const base = random.int(8, 60) * 10;
  const rungs = Array.from({ length: random.int(2, 5) }, (_, place) => base + place * 10);
  return plan({
    title: `${company} closes above ___ on ${dayOfMonth(endAt)}?`,
    rules: `Each market will resolve to "Yes" if the official closing price of ${company} on ${longDate(endAt)} is above the price in its title. Otherwise it resolves to "No". Stock splits are adjusted for.`,
    tags: words.tagsOf('Finance', 'Stocks', 'Business'),
    category: 'Finance',
    fees: words.FEES.politics,
    appeal: 0.5,
    markets: rungs.map((rung, place) =>
      yesNo(`Will ${company} close above $${rung} on ${longDate(endAt)}?`, `$${rung}`, 0.85 - place * 0.17),
    ),
  });
};

const temperature: Writer = (random, endAt) => {
  const city = random.pick(words.CITIES);
  const low = random.int(-4, 28);
  const bands = Array.from({ length: 7 }, (_, place) => low + place);
  const chances = shares(random, bands.length);
  return plan({
    title: `Highest temperature in ${city} on ${dayOfMonth(endAt)}?`,
    slug: `highest-temperature-in-${words.slugify(city)}-on-${words.slugify(longDate(endAt))}`,
    rules: `This market will resolve to the temperature range that contains the highest temperature recorded at the airport station of ${city} on ${longDate(endAt)}, in whole degrees Celsius, once the data for the day is final.`,
    resolutionSource: `https://www.example.com/history/daily/${words.slugify(city)}`,
    tags: words.tagsOf('Weather', 'Daily Temperature', 'Recurring'),
    category: 'Weather',
    fees: words.FEES.weather,
    negRisk: true,
    ticks: FINE,
    appeal: 0.08,
    markets: bands.map((band, place) => {
      const label =
        place === 0 ? `${band}°C or below` : place === bands.length - 1 ? `${band}°C or higher` : `${band}°C`;
      return yesNo(
        `Will the highest temperature in ${city} be ${label} on ${longDate(endAt)}?`,
        label,
        chances[place] ?? 0.1,
      );
    }),
  });
};

const award: Writer = (random, endAt) => {
  const prize = random.pick(words.AWARDS);
  const kind = random.pick(words.AWARD_CLASSES);
  const films = random.sample(words.FILMS, random.int(4, 8));
  const chances = shares(random, films.length);
  return plan({
    title: `${prize} ${year(endAt)}: ${kind} Winner`,
    rules: `This market will resolve to the film that wins ${kind} at the ${year(endAt)} ${prize}. If more than one is declared the winner, the market resolves to the one whose title comes first alphabetically. ${CONSENSUS}`,
    tags: words.tagsOf('Pop Culture', 'Movies', 'Awards'),
    category: 'Culture',
    fees: words.FEES.culture,
    negRisk: true,
    augmented: true,
    ticks: FINE,
    markets: [
      ...films.map((film, place) =>
        yesNo(`Will “${film}” win ${kind} at the ${year(endAt)} ${prize}?`, film, chances[place] ?? 0.1),
      ),
      ...placeholders(2, (name) => `Will ${name} win ${kind} at the ${year(endAt)} ${prize}?`),
    ],
  });
};

const entertainment: Writer = (random, endAt) => {
  const artist = random.pick(words.ARTISTS);
  const film = random.pick(words.FILMS);
  const question = random.pick([
    `Will ${artist} release a new album by ${longDate(endAt)}?`,
    `Will ${artist} headline a stadium tour by ${longDate(endAt)}?`,
    `Will “${film}” gross over $${random.int(2, 9) * 10}M on its opening weekend by ${longDate(endAt)}?`,
    `Will ${artist} have a number one song by ${longDate(endAt)}?`,
  ]);
  return plan({
    title: question,
    rules: `This market will resolve to "Yes" if the statement in the title is true by 11:59 PM ET on the date given. Otherwise, this market will resolve to "No". Live albums, remixes and re-recordings do not count. ${CONSENSUS}`,
    tags: words.tagsOf('Pop Culture', 'Music'),
    category: 'Culture',
    fees: words.FEES.culture,
    markets: [yesNo(question, null, random.fraction())],
  });
};

const mention: Writer = (random, endAt) => {
  const name = person(random);
  const speech = random.pick(words.SPEECHES);
  const spoken = random.sample(words.SPOKEN_WORDS, random.int(2, 6));
  return plan({
    title: `What will ${name} say during ${speech} on ${dayOfMonth(endAt)}?`,
    rules: `Each market will resolve to "Yes" if ${name} says the listed term, or its plural or possessive form, during ${speech} scheduled for ${longDate(endAt)}. Other inflections and compound words do not count. The video of the event is the resolution source.`,
    tags: words.tagsOf('Mentions', 'Politics'),
    category: 'Mentions',
    fees: words.FEES.politics,
    appeal: 0.2,
    markets: spoken.map((word) =>
      yesNo(`Will ${name} say “${word}” during ${speech} on ${longDate(endAt)}?`, word, random.fraction()),
    ),
  });
};

const science: Writer = (random, endAt) => {
  const rocket = random.pick(words.ROCKETS);
  const question = random.pick([
    `Will ${rocket} reach orbit by ${longDate(endAt)}?`,
    `Will ${rocket} launch ${random.int(2, 9)} times by ${longDate(endAt)}?`,
    `Will there be a magnitude ${random.int(65, 85) / 10} earthquake by ${longDate(endAt)}?`,
    `Will a Category ${random.int(3, 5)} hurricane make landfall by ${longDate(endAt)}?`,
    `Will Arctic sea ice fall below ${random.int(35, 48) / 10}M km² by ${longDate(endAt)}?`,
  ]);
  return plan({
    title: question,
    rules: `This market will resolve to "Yes" if the statement in the title comes true between market creation and ${longDate(endAt)}, 11:59 PM ET. Otherwise, this market will resolve to "No". ${CONSENSUS}`,
    tags: words.tagsOf('Climate & Science', 'Space'),
    category: 'Science',
    fees: words.FEES.general,
    markets: [yesNo(question, null, random.fraction() * 0.8)],
  });
};

const legacy: Writer = (random, endAt) => {
  const question = random.pick(words.LEGACY_QUESTIONS);
  const many = random.chance(0.15);
  return plan({
    title: question,
    rules: `This is a market on the question in its title. It will resolve to the outcome that came true; in the event of ambiguity in terms of the market outcome, the market will be resolved at the sole discretion of the Markets Integrity Committee (MIC), no later than ${longDate(endAt)}.\n`,
    resolutionSource: 'https://www.example.com/news',
    tags: words.tagsOf(),
    category: random.pick(['US-current-affairs', 'Pop-Culture ', 'Crypto', 'Tech', 'Coronavirus'] as const),
    markets: [
      {
        question,
        groupTitle: null,
        outcomes: many ? ['0-9', '10-19', '20 or more'] : random.chance(0.1) ? ['Long', 'Short'] : YES_NO,
        chance: 0.5,
      },
    ],
  });
};

/** How often each kind of event occurs, and how many days pass from its creation to its scheduled end. */
const KINDS: readonly { write: Writer; weight: number; days: readonly [number, number] }[] = [
  { write: stateElection, weight: 5, days: [90, 420] },
  { write: parliament, weight: 4, days: [60, 300] },
  { write: centralBank, weight: 3, days: [40, 200] },
  { write: inflation, weight: 3, days: [30, 60] },
  { write: coinLevels, weight: 5, days: [20, 45] },
  { write: upOrDown, weight: 26, days: [1, 1] },
  { write: game, weight: 22, days: [3, 12] },
  { write: champion, weight: 2, days: [120, 300] },
  { write: agreement, weight: 8, days: [30, 365] },
  { write: politics, weight: 9, days: [30, 300] },
  { write: product, weight: 7, days: [60, 400] },
  { write: stockLevels, weight: 6, days: [5, 20] },
  { write: temperature, weight: 6, days: [4, 4] },
  { write: award, weight: 2, days: [60, 200] },
  { write: entertainment, weight: 7, days: [30, 240] },
  { write: mention, weight: 5, days: [3, 14] },
  { write: science, weight: 7, days: [20, 200] },
];
const TOTAL_WEIGHT = KINDS.reduce((sum, kind) => sum + kind.weight, 0);

/** A kind of event, drawn before its dates are: how long such events live, and how one is written. */
export interface EventKind {
  /** Seconds from creation to the scheduled end. */
  lifetime: number;
  write(endAt: number): EventPlan;
}

export function drawEventKind(random: Random): EventKind {
  let place = random.fraction() * TOTAL_WEIGHT;
  for (const { write, weight, days } of KINDS) {
    place -= weight;
    if (place < 0) return { lifetime: random.int(days[0], days[1]) * DAY, write: (endAt) => write(random, endAt) };
  }
  throw new RangeError('the weights of the event kinds do not add up');
}

/** An event of the AMM era. */
export function legacyEventKind(random: Random): EventKind {
  return { lifetime: random.int(20, 120) * DAY, write: (endAt) => legacy(random, endAt) };
}
