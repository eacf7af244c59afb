import { waitFor } from '@app/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createAdmin, StandaloneProcess, standaloneStore } from '../../standalone/test/standalone-process';
import { hasBrowser, startBrowser } from './browser';
import { PASSWORD, Visitor } from './visitor';

interface MarketList {
  markets: { slug: string; question: string; best_bid: number | null; best_ask: number | null }[];
}

const ADMIN = 'admin@example.com';
const DEADLINE = { deadlineMs: 30_000 };
const MONEY = /\$([\d,]+\.\d\d)/;

jest.setTimeout(180_000);

(hasBrowser() ? describe : describe.skip)('the console in a browser', () => {
  const store = standaloneStore();
  let dataDir: string;
  let server: StandaloneProcess;
  let browser: Browser;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'papertrading-console-'));
    const settings = { DATA_DIR: dataDir, ...store.environment };
    server = StandaloneProcess.start('demo', { ...settings, SIMULATOR_MARKETS: '300' });
    [browser] = await Promise.all([startBrowser(), server.untilReady()]);
    await createAdmin(settings, ADMIN, PASSWORD);
    // Books stand still but for what a test does to them.
    await atVenue('/stream/flow', { per_second: 0 });
    await waitFor(async () => (await openMarkets()).length > 0, { ...DEADLINE, what: 'markets' });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.kill('SIGKILL');
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Markets with some room between bid and ask, the most liquid first. */
  async function openMarkets(): Promise<MarketList['markets']> {
    const { markets } = await server.get<MarketList>('/markets?closed=false&sort_by=liquidity&page_size=100');
    return markets.filter(({ best_bid: bid, best_ask: ask }) => bid !== null && ask !== null && bid > 0.2 && ask < 0.8);
  }

  async function atVenue(path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${server.simulatorUrl}/control${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  }

  it('lets a stranger find a market, buy through the book, rest an order and see it fill', async () => {
    const [market] = await openMarkets();
    const { slug, question } = market!;
    const visitor = await Visitor.at(server, browser);
    const { page } = visitor;
    await page.getByText('Simulated data.').waitFor();
    await visitor.register('ann@example.com');

    await page.getByLabel('Search').fill(question);
    await page.getByRole('link', { name: question, exact: true }).first().click();
    await page.waitForURL(`**/console/markets/${slug}`);
    await page.getByRole('button', { name: 'Open one with $10,000 of paper money' }).click();

    const ticket = page.getByRole('region', { name: 'Trade', exact: true });
    await ticket.getByLabel('Market', { exact: true }).check();
    await ticket.getByLabel('Shares', { exact: true }).last().fill('50');
    await ticket.getByText(/^Would buy 50 /).waitFor();
    await ticket.getByRole('button', { name: /^Buy / }).click();
    await ticket.getByText(/^Bought 50 /).waitFor();
    await ticket.getByRole('link', { name: 'See the order' }).click();
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    await page.getByText('50 shares filled (100%)').waitFor();
    const receipts = page.getByRole('region', { name: /^Fills/ });
    await receipts.getByText('Rule E1').first().waitFor();
    await receipts.getByText('It took size that was displayed when it met the book.').first().waitFor();

    await page.goBack();
    const bid = (await server.get<{ bids: { price: number }[] }>(`/markets/by-slug/${slug}/book`)).bids[0]!.price;
    await ticket.getByLabel('Limit', { exact: true }).check();
    await ticket.getByLabel('Shares', { exact: true }).last().fill('20');
    await ticket.getByLabel('Limit price').fill(String(bid));
    await ticket.getByText(/^Nothing fills now: 20 /).waitFor();
    await ticket.getByRole('button', { name: /^Buy / }).click();
    await ticket.getByText(/ rests at /).waitFor();
    await ticket.getByRole('link', { name: 'See the order' }).click();
    await page.getByRole('heading', { name: 'What it waits for' }).waitFor();
    // Sold down through the level it rests at, and everything before it, but not all there is.
    await atVenue(`/markets/${slug}/levels`, { outcome: 0, levels: [{ side: 'BUY', price: bid - 0.03, size: 500 }] });
    await atVenue(`/markets/${slug}/trade`, { outcome: 0, side: 'SELL', size: 1_000_000, limit: bid - 0.02 });
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    await page.getByText('20 shares filled (100%)').waitFor();
    await receipts
      .getByText(/^Rule F[12]$/)
      .first()
      .waitFor();

    await page.getByRole('link', { name: 'Portfolios' }).click();
    await page.getByRole('link', { name: 'My first portfolio' }).click();
    const curve = page.getByRole('img', { name: /^Equity of the portfolio, now / });
    const equity = async (): Promise<number> => {
      const [, amount = ''] = MONEY.exec((await curve.getAttribute('aria-label')) ?? '') ?? [];
      return Number(amount.replaceAll(',', ''));
    };
    // What is shown is of the book as the sale left it.
    const { midpoint } = await server.get<{ midpoint: number }>(`/markets/by-slug/${slug}/book`);
    const held = page.getByRole('table', { name: 'Open positions' }).getByRole('row', { name: question });
    const before = await waitFor(
      async () => {
        const [price = ''] = (await held.getByRole('cell').nth(3).innerText()).split(/\s/);
        const summary = await page.getByRole('region', { name: 'Summary' }).innerText();
        const now = await equity();
        const isThere = Math.abs(Number(price) - midpoint) < 0.0001 && summary.includes(now.toLocaleString('en-US'));
        return isThere ? now : null;
      },
      { ...DEADLINE, what: 'the equity after the sale' },
    );
    // Somebody bids again, above those that are left: what is held is worth more.
    await atVenue(`/markets/${slug}/levels`, { outcome: 0, levels: [{ side: 'BUY', price: bid - 0.01, size: 500 }] });
    await waitFor(async () => (await equity()) > before, { ...DEADLINE, what: 'a higher equity' });

    await page.getByRole('button', { name: 'Split cash into a set' }).click();
    const dialog = page.getByRole('dialog', { name: 'Complete sets' });
    await dialog.getByLabel('Market').fill(slug);
    await dialog.getByLabel('Sets').fill('5.5');
    await dialog.getByRole('button', { name: 'Split', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: '75.5', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  it('lets an admin start a refresh and watch it to its end', async () => {
    const visitor = await Visitor.at(server, browser);
    const { page } = visitor;
    await visitor.signIn(ADMIN);
    await page.getByRole('link', { name: 'Admin' }).click();
    await page.getByLabel('What to read').selectOption('full');
    await page.getByRole('button', { name: 'Refresh markets' }).click();
    await page.getByText('It is queued').waitFor();
    const job = page.getByRole('table', { name: /^Refreshes/ }).getByRole('row', { name: /every market/i });
    await job.getByText('Completed').waitFor({ timeout: DEADLINE.deadlineMs });
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('cell', { name: 'Refresh asked for' }).first().waitFor();
    expect(visitor.faults).toEqual([]);
  });

  it('goes on asking its server while the machine has no network: it may be the same machine', async () => {
    const { slug, question } = (await openMarkets())[0]!;
    const visitor = await Visitor.at(server, browser);
    const { page } = visitor;
    await page.getByRole('table', { name: 'Markets' }).waitFor();
    await page.evaluate("window.dispatchEvent(new Event('offline'))");
    await page.getByLabel('Search').fill(slug);
    await page.waitForURL(`**/console/markets?search=${slug}`);
    await page.getByRole('link', { name: question, exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: question }).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  it('shows that the stream is cut, and heals', async () => {
    const { slug } = (await openMarkets())[0]!;
    const visitor = await Visitor.at(server, browser);
    const { page } = visitor;
    let isCut = false;
    const lines: (() => Promise<void>)[] = [];
    await page.routeWebSocket(/\/ws\/live/, (line) => {
      if (isCut) return void line.close({ code: 1011 });
      line.connectToServer();
      lines.push(() => line.close({ code: 1011 }));
    });
    await visitor.register('bob@example.com');
    await visitor.go(`/markets/${slug}`);
    await visitor.isLive();
    const book = page.getByRole('region', { name: 'Order book' });
    await book.getByRole('status').getByText('Live').waitFor();

    isCut = true;
    await lines.at(-1)!();
    await page.getByRole('alert').getByText('Connection lost.').waitFor();
    await book.getByRole('status').getByText('Stale').waitFor();
    // What happens meanwhile is not told, and made up for.
    const { price } = (await server.get<{ bids: { price: number }[] }>(`/markets/by-slug/${slug}/book`)).bids[0]!;
    await atVenue(`/markets/${slug}/levels`, { outcome: 0, levels: [{ side: 'BUY', price, size: 4_321.5 }] });
    const missed = book.getByRole('cell', { name: '4,321.5', exact: true }).first();
    expect(await missed.isVisible()).toBe(false);
    isCut = false;
    await visitor.isLive();
    await book.getByRole('status').getByText('Live').waitFor();
    await missed.waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });

    // And when the venue's own stream is.
    await atVenue('/stream/faults', { kind: 'freeze', pings: false });
    await book.getByRole('status').getByText('Stale').waitFor({ timeout: DEADLINE.deadlineMs });
    await atVenue('/stream/heal', {});
    await book.getByRole('status').getByText('Live').waitFor({ timeout: DEADLINE.deadlineMs });
    expect(visitor.faults).toEqual([]);
  });
});
