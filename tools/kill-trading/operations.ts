/** Where a client trades. */
export interface TradingTarget {
  portfolioId: string;
  token: string;
  /** Slugs of markets with order books. */
  markets: readonly string[];
}

/** A request that moves paper money, or is refused. */
export interface Operation {
  portfolioId: string;
  /** What of the portfolio is posted to. */
  resource: 'orders' | 'split' | 'merge' | 'reset';
  token: string;
  body: Record<string, unknown>;
}

type Random = () => number;

const KINDS: readonly {
  weight: number;
  make: (market: string, random: Random) => [Operation['resource'], Record<string, unknown>];
}[] = [
  {
    weight: 30,
    make: (market, random) => [
      'orders',
      { ...outcome(market, random), side: 'buy', type: 'market', amount: whole(1, 40, random), time_in_force: 'fak' },
    ],
  },
  {
    weight: 20,
    make: (market, random) => [
      'orders',
      { ...outcome(market, random), side: 'buy', type: 'limit', ...limit(random), time_in_force: 'gtc' },
    ],
  },
  {
    weight: 10,
    make: (market, random) => [
      'orders',
      { ...outcome(market, random), side: 'sell', type: 'limit', ...limit(random), time_in_force: 'gtc' },
    ],
  },
  {
    weight: 15,
    make: (market, random) => [
      'orders',
      {
        ...outcome(market, random),
        side: 'sell',
        type: 'market',
        quantity: whole(1, 30, random),
        time_in_force: 'fak',
      },
    ],
  },
  { weight: 10, make: (market, random) => ['split', { market_id: market, quantity: whole(1, 20, random) }] },
  { weight: 10, make: (market, random) => ['merge', { market_id: market, quantity: whole(1, 20, random) }] },
  { weight: 5, make: () => ['reset', {}] },
];
const TOTAL_WEIGHT = KINDS.reduce((sum, { weight }) => sum + weight, 0);

/**
 * Returns an operation that may or may not be acceptable, as the numbers want it.
 * @param key of the request; an order notes it
 */
export function anOperation({ portfolioId, token, markets }: TradingTarget, key: string, random: Random): Operation {
  const market = markets[Math.floor(random() * markets.length)] ?? '';
  let left = random() * TOTAL_WEIGHT;
  const kind = KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0];
  if (kind === undefined) throw new Error('there are no operations');
  const [resource, body] = kind.make(market, random);
  return { portfolioId, resource, token, body: resource === 'orders' ? { ...body, notes: key } : body };
}

function outcome(market: string, random: Random): Record<string, unknown> {
  return { market_id: market, outcome_index: random() < 0.5 ? 0 : 1 };
}

function limit(random: Random): Record<string, unknown> {
  return { price: whole(1, 99, random) / 100, quantity: whole(5, 30, random) };
}

function whole(from: number, to: number, random: Random): number {
  return from + Math.floor(random() * (to - from + 1));
}
