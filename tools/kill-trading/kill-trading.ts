import { readStoreEndpoint } from '@app/embedded-store';
import { seededRandom } from '@app/exchange';
import type { PersistenceOptions } from '@app/persistence';
import { sharedTestStore, startTestSimulator, waitFor } from '@app/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DATA_FOLDERS } from '../../apps/standalone/src/venue-kind';
import { anOperation, type Operation, type TradingTarget } from './operations';
import { StandaloneLife } from './standalone-life';
import { StoredTrading } from './stored-trading';
import { VenueTraders } from './venue-traders';

export interface KillTradingOptions {
  kills: number;
  /** Decides operations and the moments of the kills. */
  seed: number;
  /** Clients that send at the same time. */
  clients: number;
  /** The built standalone process. */
  standaloneScript: string;
  /** After how many kills every ledger is audited; always after the last. */
  auditEvery: number;
  /** Is told of every kill, and of every problem as soon as it is found. */
  log: (line: string) => void;
}

export interface KillTradingReport {
  kills: number;
  /** Requests that move money: answered before a kill, and cut off by one. */
  answered: number;
  cutOff: number;
  /** Of those cut off, how many turned out to have happened. */
  cutOffDone: number;
  /** Fills of orders that rested. */
  restingFills: number;
  /** Ledger entries in the end. */
  entries: number;
  /** Everything that is not as it should be. */
  problems: string[];
}

/** A request with its key, and what came back; null when nothing did. */
interface Sent {
  key: string;
  operation: Operation;
  answer: { status: number; text: string } | null;
}

interface PortfolioFigures {
  cash_balance: number;
  reserved_cash: number;
}

interface LedgerPage {
  entries: { seq: number; cash_after: number; reserved_after: number }[];
  total: number;
}

/** The last entry of a ledger, and how many there are. */
interface LedgerEnd {
  last: LedgerPage['entries'][number] | undefined;
  total: number;
}

const ROOT = join(__dirname, '..', '..');
const USERS = 3;
const PORTFOLIOS_EACH = 2;
const MARKETS = 120;
const MARKETS_TRADED = 8;
/** Requests answered before a kill, and how long after the last of them it comes. */
const MOST_ANSWERED = 60;
const LONGEST_AFTER_MS = 30;
const PASSWORD = 'a password of the kill test';
const SHOWN_PROBLEMS = 20;

/**
 * Trades over HTTP on a real standalone process that is killed with -9 again and again, while others trade at the venue and resting orders fill. After
 * every start it sends again what was sent before the kill, and compares: what had been answered must be answered the same, what was cut off must have
 * happened once or not at all and be answered the same from then on, after the next kill too.
 * What is stored is held against the answers, balances against the ledger, and the whole of trading_db is audited.
 */
export async function runKillTrading(options: KillTradingOptions): Promise<KillTradingReport> {
  const { kills, seed, clients, auditEvery, log } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'kill-trading-'));
  // Orders fill by what is traded after them: the venue's clock must be that of the server.
  const venue = await startTestSimulator({ markets: MARKETS, epoch: new Date(), clock: Date.now });
  const random = seededRandom(String(seed));
  const problems: string[] = [];
  const tell = (...found: string[]): void => {
    problems.push(...found);
    for (const problem of found) log(`PROBLEM: ${problem}`);
  };
  const report = { kills: 0, answered: 0, cutOff: 0, cutOffDone: 0, restingFills: 0, entries: 0, problems };
  const shared = sharedTestStore();
  const database = shared?.environment ?? { STORE_ENGINE: 'embedded' };
  const server = async (): Promise<PersistenceOptions> => shared ?? (await ownStore(dataDir));
  const settings = { script: options.standaloneScript, dataDir, database, venue };
  let life = await StandaloneLife.start(settings);
  let others: VenueTraders | null = null;
  try {
    const markets = await tradableMarkets(life.url);
    const targets = await openPortfolios(life.url, markets);
    const portfolioIds = targets.map(({ portfolioId }) => portfolioId);
    others = new VenueTraders(venue, markets, seededRandom(`others ${seed}`));
    const done = new Map<string, Operation>();
    let open: Sent[] = [];
    while (report.kills < kills && problems.length < SHOWN_PROBLEMS) {
      const sent = await others.during(() => tradeUntilKilled(life, targets, options, random));
      report.kills += 1;
      life = await StandaloneLife.start(settings);
      const isLast = report.kills === kills;
      const toRepeat = [...open, ...sent];
      const repeated = await others.during(() => repeatAll(life.url, toRepeat, { mayWait: isLast, clients }, tell));
      for (const { key, operation } of repeated.done) done.set(key, operation);
      open = repeated.open;
      const fillsBefore = report.restingFills;
      await compareBalances(life.url, targets, tell);
      await StoredTrading.read(await server(), async (stored) => {
        tell(...(await stored.findRepeated(portfolioIds, done)));
        report.restingFills = await stored.countRestingFills(portfolioIds);
        if (report.kills % auditEvery === 0 || isLast) tell(...(await stored.audit()));
      });
      const cutOff = sent.filter(({ answer }) => answer === null).length;
      report.answered += sent.length - cutOff;
      report.cutOff += cutOff;
      report.cutOffDone += repeated.cutOffDone;
      log(
        `kill ${report.kills} of ${kills}: ${sent.length} requests, ${cutOff} cut off; ${report.restingFills - fillsBefore} resting fills`,
      );
    }
    await others.stop();
    tell(...(await checkByCommand({ DATA_DIR: dataDir, ...database })));
    report.entries = await countEntries(life.url, targets);
    return report;
  } finally {
    await others?.stop();
    await life.stop();
    await venue.stop();
    await shared?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

// Trading

async function openPortfolios(url: string, markets: readonly string[]): Promise<TradingTarget[]> {
  const targets: TradingTarget[] = [];
  for (let user = 0; user < USERS; user += 1) {
    const email = `trader-${user}@example.com`;
    await expectOk(post(url, '/auth/register', { email, password: PASSWORD, password_confirm: PASSWORD }));
    const session = await expectOk(post(url, '/auth/login', { email, password: PASSWORD }));
    const { access_token: token } = JSON.parse(session.text) as { access_token: string };
    for (let index = 0; index < PORTFOLIOS_EACH; index += 1) {
      // One meets the book at once, in one transaction; the other travels there, in two.
      const profile = index === 0 ? 'ideal' : 'realistic';
      const made = await expectOk(
        post(url, '/portfolios', { name: `${email} ${index}`, initial_balance: 2_000, profile }, { token }),
      );
      targets.push({ portfolioId: (JSON.parse(made.text) as { id: string }).id, token, markets });
    }
  }
  return targets;
}

/** Waits until the catalogue has markets with order books, and returns some of them. */
async function tradableMarkets(url: string): Promise<string[]> {
  let slugs: string[] = [];
  const query = 'active=true&closed=false&sort_by=liquidity&page_size=50';
  await waitFor(
    async () => {
      const page = await get<{ markets: { slug: string; outcomes: string[] }[] }>(url, `/markets?${query}`);
      const found: string[] = [];
      for (const { slug } of page.markets) {
        if (found.length === MARKETS_TRADED) break;
        const book = await fetch(`${url}/markets/by-slug/${slug}/book`);
        if (book.ok && ((await book.json()) as { best_ask: number | null }).best_ask !== null) found.push(slug);
      }
      slugs = found;
      return found.length === MARKETS_TRADED;
    },
    { deadlineMs: 60_000, what: 'markets with order books' },
  );
  return slugs;
}

/** Lets every client send one request after the other until the process is killed under them. */
async function tradeUntilKilled(
  life: StandaloneLife,
  targets: readonly TradingTarget[],
  { clients, kills, seed }: KillTradingOptions,
  random: () => number,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const { url } = life;
  const wanted = Math.floor(random() * MOST_ANSWERED);
  let answered = 0;
  let isKilled = false;
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const client = async (): Promise<void> => {
    while (!isKilled) {
      if (answered >= wanted) reach();
      const target = targets[Math.floor(random() * targets.length)] ?? fail();
      const key = `${seed}-${kills}-${random()}-${sent.length}`;
      const one: Sent = { key, operation: anOperation(target, key, random), answer: null };
      sent.push(one);
      try {
        one.answer = await send(url, one);
        answered += 1;
      } catch (error) {
        if (!isKilled) throw error;
      }
    }
  };
  const working = Array.from({ length: clients }, client);
  await Promise.race([reached, ...working]);
  await wait(random() * LONGEST_AFTER_MS);
  isKilled = true;
  await life.kill({ withStore: random() < 0.5 });
  await Promise.all(working);
  return sent;
}

/**
 * Sends everything again, what was cut off twice, as many at a time as there are clients.
 * @param mayWait whether to wait for orders that still travel; otherwise they are left open
 * @returns what is done by now; how many of the requests that had been cut off did happen or happen now, and those to be sent again after the next
 *   kill: not decided yet, or answered only now
 */
async function repeatAll(
  url: string,
  sent: readonly Sent[],
  { mayWait, clients }: { mayWait: boolean; clients: number },
  tell: (problem: string) => void,
): Promise<{ done: Sent[]; cutOffDone: number; open: Sent[] }> {
  const done: Sent[] = [];
  const open: Sent[] = [];
  let cutOffDone = 0;
  const left = sent.values();
  const client = async (): Promise<void> => {
    for (const one of left) {
      const before = one.answer;
      const again = mayWait ? await sendUntilDecided(url, one) : await send(url, one);
      if (isDone(again) || (before !== null && isDone(before))) done.push(one);
      if (before === null && isUndecided(again)) open.push(one);
      else if (before === null && isDone(again)) {
        cutOffDone += 1;
        open.push({ ...one, answer: again });
        const third = await send(url, one);
        if (!isSame(again, third)) tell(differs(one, again, third));
      } else if (before !== null && isDone(before) && !isSame(before, again)) {
        tell(differs(one, before, again));
      }
      if (again.status >= 500) tell(`${nameOf(one)} was answered ${again.status}: ${again.text}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { done, cutOffDone, open };
}

/** Waits for the reaper, who decides about orders that travelled when their process ended. */
async function sendUntilDecided(url: string, one: Sent): Promise<NonNullable<Sent['answer']>> {
  let answer = await send(url, one);
  await waitFor(
    async () => {
      if (!isUndecided(answer)) return true;
      answer = await send(url, one);
      return false;
    },
    { deadlineMs: 30_000, what: `a decision on ${nameOf(one)}` },
  );
  return answer;
}

function isUndecided(answer: { text: string }): boolean {
  return answer.text.includes('"IDEMPOTENCY.IN_PROGRESS"');
}

function isDone(answer: { status: number }): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function isSame(a: NonNullable<Sent['answer']>, b: NonNullable<Sent['answer']>): boolean {
  return a.status === b.status && a.text === b.text;
}

function nameOf({ key, operation }: Sent): string {
  return `${pathOf(operation)} ${JSON.stringify(operation.body)} (${key})`;
}

function differs(one: Sent, first: NonNullable<Sent['answer']>, later: NonNullable<Sent['answer']>): string {
  return `${nameOf(one)} was answered ${first.status} ${first.text} and then ${later.status} ${later.text}`;
}

// Looking afterwards

/** The store that the server has brought along, while it runs. */
async function ownStore(dataDir: string): Promise<PersistenceOptions> {
  const endpoint = await readStoreEndpoint(join(dataDir, DATA_FOLDERS.polymarket));
  if (endpoint === null) throw new Error('the store does not run');
  return { uri: endpoint.uri };
}

/** Every balance must be that of the last ledger entry, and the entries numbered without holes. */
async function compareBalances(
  url: string,
  targets: readonly TradingTarget[],
  tell: (problem: string) => void,
): Promise<void> {
  for (const target of targets) {
    const { portfolioId } = target;
    const { last, total, figures } = await waitFor(() => figuresAtRest(url, target), {
      deadlineMs: 30_000,
      what: `a portfolio ${portfolioId} that stays as it is while it is read`,
    });
    const { cash_balance: cash, reserved_cash: reserved } = figures;
    if (last?.seq !== total) tell(`ledger of ${portfolioId}: entry ${last?.seq} of ${total}`);
    if (last?.cash_after !== cash || last.reserved_after !== reserved) {
      tell(`portfolio ${portfolioId} has ${cash} and ${reserved}, its ledger ends ${JSON.stringify(last)}`);
    }
  }
}

/** A portfolio with the end of its ledger, of one moment; null when it changed between the reads. */
async function figuresAtRest(
  url: string,
  { portfolioId, token }: TradingTarget,
): Promise<(LedgerEnd & { figures: PortfolioFigures }) | null> {
  const end = await lastEntry(url, portfolioId, token);
  const figures = await get<PortfolioFigures>(url, `/portfolios/${portfolioId}`, token);
  const { total } = await lastEntry(url, portfolioId, token);
  return total === end.total ? { ...end, figures } : null;
}

async function countEntries(url: string, targets: readonly TradingTarget[]): Promise<number> {
  let entries = 0;
  for (const { portfolioId, token } of targets) entries += (await lastEntry(url, portfolioId, token)).total;
  return entries;
}

async function lastEntry(url: string, portfolioId: string, token: string): Promise<LedgerEnd> {
  const path = (page: number): string => `/portfolios/${portfolioId}/ledger?page_size=1&page=${page}`;
  const { total } = await get<LedgerPage>(url, path(1), token);
  return { last: (await get<LedgerPage>(url, path(total), token)).entries[0], total };
}

/** Audits everything in trading_db by the command an operator has for it. */
async function checkByCommand(settings: Readonly<Record<string, string>>): Promise<string[]> {
  const env = { PATH: process.env['PATH'], ...settings };
  try {
    await promisify(execFile)(process.execPath, ['tools/ts.cjs', 'tools/trading/check.ts'], { cwd: ROOT, env });
    return [];
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return [`the audit failed:\n${stdout}${stderr}`];
  }
}

// Asking

function send(url: string, { key, operation }: Sent): Promise<NonNullable<Sent['answer']>> {
  return post(url, pathOf(operation), operation.body, { token: operation.token, key });
}

function pathOf({ portfolioId, resource }: Operation): string {
  return `/portfolios/${portfolioId}/${resource}`;
}

async function post(
  url: string,
  path: string,
  body: unknown,
  { token, key }: { token?: string; key?: string } = {},
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function expectOk(asked: Promise<{ status: number; text: string }>): Promise<{ status: number; text: string }> {
  const answer = await asked;
  if (!isDone(answer)) throw new Error(`answered ${answer.status}: ${answer.text}`);
  return answer;
}

async function get<Body>(url: string, path: string, token?: string): Promise<Body> {
  const answer = await fetch(url + path, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Body;
}

function fail(): never {
  throw new Error('there is no portfolio to trade in');
}
