import type { mongo } from 'mongoose';
import { Agent, request } from 'undici';
import {
  callFor,
  cell,
  conditions,
  logIn,
  type Measured,
  onStore,
  post,
  print,
  register,
  summarise,
  wholeOptions,
} from './measuring';

const USAGE = `npm run bench -- orders [--seconds 5] [--rounds 3] [--connections 8]

Taker orders over HTTP, each with an idempotency key, answered when they are durable, beside a transaction of the bare driver that writes the same documents, in the same run: one at a
time and several at once, each client in a portfolio of its own. Without MONGO_URI it starts the embedded store in a process of its own.
`;

const PREFIX = 'bench_orders_';
const PORTFOLIOS_OF_A_USER = 4;
const MARKETS = 300;
const WARM_UP_SECONDS = 2;
/** How much longer than the bare transaction an order may take. */
const MOST_RATIO = 1.5;

interface Options {
  seconds: number;
  rounds: number;
  connections: number;
}

interface Client {
  token: string;
  portfolioId: string;
}

/** A stored taker order with everything one transaction wrote of it. */
interface WrittenOrder {
  portfolio: mongo.Document;
  position: mongo.Document;
  /** Collections that get a new document, with one like it. */
  inserted: Record<'idempotency' | 'orders' | 'trades' | 'ledger', mongo.Document>;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = wholeOptions(args, USAGE, { seconds: 5, rounds: 3, connections: 8 });
  if (options === null) return;
  await onStore(async (store) => {
    const simulator = await store.start('apps/simulator/src/main.ts', [], {
      env: { SIMULATOR_PORT: '0', SIMULATOR_MARKETS: String(MARKETS) },
    });
    const api = await store.start('tools/bench/api-server.ts', [store.uri, PREFIX, String(simulator.ready['url'])]);
    const url = String(api.ready['url']);
    const client = await store.connect({ maxPoolSize: options.connections });
    const trading = client.db(`${PREFIX}trading_db`);

    const market = await deepestMarket(url, String(simulator.ready['url']));
    const clients = {
      ideal: await openPortfolios(url, 'ideal', options.connections),
      realistic: await openPortfolios(url, 'realistic', options.connections),
    };
    const written = await writeOne(url, clients.ideal[0], market, trading);
    const contestants: Contestant[] = [
      { name: 'bare', call: bareTransaction(client, trading, written, options.connections) },
      { name: 'ideal', call: takerOrder(url, clients.ideal, market) },
      { name: 'realistic', call: takerOrder(url, clients.realistic, market) },
    ];
    const alone = await takeTurns(contestants, 1, options);
    const together = await takeTurns(contestants, options.connections, options);
    report(alone, together, options, store.name);
  });
}

// What is traded

/** The market with the largest best offer, loaded from the venue one by one: no sync runs here. */
async function deepestMarket(url: string, simulatorUrl: string): Promise<string> {
  const query = 'closed=false&limit=60&order=liquidityNum&ascending=false';
  const listed = (await (await fetch(`${simulatorUrl}/gamma/markets?${query}`)).json()) as { slug: string }[];
  let best = { slug: '', size: 0 };
  for (const { slug } of listed) {
    const answer = await fetch(`${url}/markets/by-slug/${slug}/book`);
    if (!answer.ok) continue;
    const { asks } = (await answer.json()) as { asks: { size: number }[] };
    const size = asks[0]?.size ?? 0;
    if (size > best.size) best = { slug, size };
  }
  if (best.size < 100) throw new Error('no market of the simulated venue offers 100 shares');
  return best.slug;
}

async function openPortfolios(url: string, profile: string, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  let token = '';
  while (clients.length < count) {
    if (clients.length % PORTFOLIOS_OF_A_USER === 0) token = await newUser(url, `${profile}-${clients.length}`);
    const body = { name: `bench ${clients.length}`, initial_balance: 100_000_000, profile };
    const { id } = await post(`${url}/portfolios`, body, token);
    clients.push({ token, portfolioId: String(id) });
  }
  return clients;
}

async function newUser(url: string, name: string): Promise<string> {
  const email = `${name}-${Date.now()}@example.com`;
  await register(url, email);
  return (await logIn(url, email)).token;
}

// What is compared

interface Contestant {
  name: 'bare' | 'ideal' | 'realistic';
  /** Does it once, as the client of that number. */
  call: (client: number) => Promise<void>;
}

/** No request is to be a repetition of another contestant's. */
let keys = 0;

/** An order that takes from the best level, and its answer checked. */
function takerOrder(url: string, clients: readonly Client[], market: string): Contestant['call'] {
  const dispatcher = new Agent({ connections: clients.length });
  const body = JSON.stringify({
    market_id: market,
    outcome_index: 0,
    side: 'buy',
    type: 'market',
    amount: 1,
    time_in_force: 'fak',
  });
  return async (index) => {
    const client = clients[index] ?? fail('there are fewer portfolios than clients');
    keys += 1;
    const { statusCode, body: answer } = await request(`${url}/portfolios/${client.portfolioId}/orders`, {
      dispatcher,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${client.token}`,
        'idempotency-key': `${process.pid}-${keys}`,
      },
      body,
    });
    const text = await answer.text();
    if (statusCode !== 201) throw new Error(`an order was answered ${statusCode}: ${text}`);
    // Profiles other than ideal take each displayed share once: what is gone comes back with time.
    if (!text.includes('"filled_quantity"')) throw new Error(`this is no order: ${text}`);
  };
}

/** Places one order and reads back what its transaction wrote. */
async function writeOne(
  url: string,
  client: Client | undefined,
  market: string,
  trading: mongo.Db,
): Promise<WrittenOrder> {
  if (client === undefined) throw new Error('there is no portfolio');
  await takerOrder(url, [client], market)(0);
  const ofPortfolio = async (collection: string): Promise<mongo.Document> =>
    (await trading
      .collection(collection)
      .find({ portfolio_id: client.portfolioId })
      .sort({ _id: -1 })
      .limit(1)
      .next()) ?? fail(`the order left nothing in ${collection}`);
  return {
    portfolio:
      (await trading.collection<{ _id: string }>('portfolios').findOne({ _id: client.portfolioId })) ??
      fail('the portfolio is gone'),
    position: await ofPortfolio('positions'),
    inserted: {
      idempotency: await ofPortfolio('idempotency'),
      orders: await ofPortfolio('orders'),
      trades: await ofPortfolio('trades'),
      ledger: await ofPortfolio('ledger'),
    },
  };
}

/** Writes the same documents by the same commands in the same order, and nothing more. */
function bareTransaction(
  client: mongo.MongoClient,
  trading: mongo.Db,
  { portfolio, position, inserted }: WrittenOrder,
  clients: number,
): Contestant['call'] {
  const collection = (name: string): mongo.Collection<mongo.Document & { _id: string }> => trading.collection(name);
  const versions = Array.from({ length: clients }, () => 0);
  let made = 0;
  return async (index) => {
    const portfolioId = `bare-${process.pid}-${index}`;
    const version = versions[index] ?? 0;
    if (version === 0) {
      await collection('portfolios').insertOne({ ...portfolio, _id: portfolioId, version: 0 });
    }
    versions[index] = version + 1;
    await client.withSession((session) =>
      session.withTransaction(async () => {
        made += 1;
        const id = `${portfolioId}-${made}`;
        const fresh = (document: mongo.Document): mongo.Document & { _id: string } => ({
          ...document,
          _id: id,
          portfolio_id: portfolioId,
          created_at: new Date(),
        });
        await collection('portfolios').replaceOne(
          { _id: portfolioId, version },
          { ...portfolio, _id: portfolioId, version: version + 1 },
          { session },
        );
        await collection('idempotency').replaceOne(
          { _id: id, expires_at: { $lte: new Date() } },
          fresh(inserted.idempotency),
          {
            upsert: true,
            session,
          },
        );
        await collection('orders').insertMany([fresh(inserted.orders)], { session });
        await collection('trades').insertMany([fresh(inserted.trades)], { session });
        const positionId = `${portfolioId}-position`;
        await collection('positions').bulkWrite(
          [
            {
              replaceOne: {
                filter: { _id: positionId },
                replacement: { ...fresh(position), _id: positionId },
                upsert: true,
              },
            },
          ],
          { session },
        );
        await collection('ledger').insertMany([fresh(inserted.ledger)], { session });
      }),
    );
  };
}

// Measuring

type Results = Record<Contestant['name'], Measured>;

/** One after the other in every round: what else the machine does weighs on all alike. */
async function takeTurns(
  contestants: readonly Contestant[],
  clients: number,
  { seconds, rounds }: Options,
): Promise<Results> {
  const taken: Record<Contestant['name'], number[]> = { bare: [], ideal: [], realistic: [] };
  for (const { call } of contestants) await callFor(call, clients, WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, call } of contestants) {
      taken[name].push(...(await callFor(call, clients, seconds)));
      print(`${clients} at a time, round ${round}, ${name}: ${taken[name].length}\n`);
    }
  }
  const summary = (name: Contestant['name']): Measured => summarise(taken[name], rounds * seconds);
  return { bare: summary('bare'), ideal: summary('ideal'), realistic: summary('realistic') };
}

function report(alone: Results, together: Results, { seconds, rounds, connections }: Options, store: string): void {
  const ratio = (of: Measured, to: Measured): string => {
    const [p50, p99] = [of.p50 / to.p50, of.p99 / to.p99];
    const verdict = p50 <= MOST_RATIO ? '' : 'MISSED: ';
    return `${p50.toFixed(2)}x at p50, ${p99.toFixed(2)}x at p99 | ${verdict}at most ${MOST_RATIO}x`;
  };
  const rows = (clients: string, { bare, ideal, realistic }: Results): string[] => [
    `| the same writes in a bare transaction, ${clients} | ${cell(bare, 2)} | |`,
    `| \`POST /portfolios/{id}/orders\`, profile ideal, ${clients} | ${cell(ideal, 2)} | |`,
    `| ... beside the bare transaction | ${ratio(ideal, bare)} |`,
    `| profile realistic, ${clients}: 5 ms on the way, two transactions | ${cell(realistic, 2)} | |`,
  ];
  print(
    [
      '',
      `${store}, ${rounds} rounds of ${seconds} s, ${conditions()}. Cells: per second · p50 ms · p99 ms.`,
      '',
      '| what | measured | target |',
      '|---|--:|---|',
      ...rows('one at a time', alone),
      ...rows(`${connections} at a time`, together),
      '',
    ].join('\n'),
  );
}

function fail(message: string): never {
  throw new Error(message);
}
