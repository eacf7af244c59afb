import { waitFor } from '@app/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { createAdmin, StandaloneProcess, standaloneStore } from '../../standalone/test/standalone-process';
import { hasBrowser, NARROW, openPage, startBrowser, takePicture, WIDE } from './browser';
import { PASSWORD, Visitor } from './visitor';

const ADMIN = 'admin@example.com';
const MOST_SCRIPT_BYTES = 250_000;
const LOOKS = [
  { name: 'wide-light', viewport: WIDE, colorScheme: 'light' },
  { name: 'narrow-dark', viewport: NARROW, colorScheme: 'dark' },
] as const;

jest.setTimeout(180_000);

(hasBrowser() ? describe : describe.skip)('every page of the console', () => {
  const store = standaloneStore();
  let dataDir: string;
  let server: StandaloneProcess;
  let browser: Browser;
  /** Pages by name, as an admin with a portfolio sees them. */
  let paths: Record<string, string>;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'papertrading-console-'));
    const settings = { DATA_DIR: dataDir, ...store.environment };
    server = StandaloneProcess.start('demo', { ...settings, SIMULATOR_MARKETS: '300' });
    [browser] = await Promise.all([startBrowser(), server.untilReady()]);
    await createAdmin(settings, ADMIN, PASSWORD);
    paths = await trade();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.kill('SIGKILL');
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function ask<Body>(path: string, token: string | null, body: unknown): Promise<Body> {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  }

  /** Gives the pages something to show. */
  async function trade(): Promise<Record<string, string>> {
    const { access_token: token } = await ask<{ access_token: string }>('/auth/login', null, {
      email: ADMIN,
      password: PASSWORD,
    });
    const { slug, outcomes } = await waitFor(
      async () => {
        const { markets } = await server.get<{
          markets: { slug: string; outcomes: string[]; best_bid: number | null }[];
        }>('/markets?closed=false&sort_by=liquidity&page_size=50');
        return markets.find(({ best_bid: bid }) => bid !== null && bid > 0.2 && bid < 0.8) ?? null;
      },
      { deadlineMs: 30_000, what: 'a market' },
    );
    const { id } = await ask<{ id: string }>('/portfolios', token, { name: 'Elections', initial_balance: 10_000 });
    const order = { market_id: slug, outcome: outcomes[0], side: 'buy' };
    const filled = await ask<{ id: string }>(`/portfolios/${id}/orders`, token, {
      ...order,
      type: 'market',
      quantity: 100,
    });
    const resting = await ask<{ id: string }>(`/portfolios/${id}/orders`, token, {
      ...order,
      type: 'limit',
      quantity: 50,
      price: 0.05,
    });
    const parts = (path: string, names: readonly string[]): [string, string][] =>
      names.map((name) => [`${path.split('/')[1]!.replace(/s$/, '')}-${name}`, path.replace('*', name)]);
    return {
      markets: '/markets',
      market: `/markets/${slug}`,
      portfolios: '/portfolios',
      ...Object.fromEntries(parts(`/portfolios/${id}?part=*`, ['positions', 'orders', 'trades', 'ledger', 'metrics'])),
      'order-filled': `/portfolios/${id}/orders/${filled.id}`,
      'order-resting': `/portfolios/${id}/orders/${resting.id}`,
      account: '/account',
      ...Object.fromEntries(parts('/admin/*', ['sync', 'users', 'rate-limits', 'settings', 'audit', 'health'])),
      'not-found': '/nowhere',
    };
  }

  it('can be used by everybody, wide and narrow, in light and in dark', async () => {
    const found: string[] = [];
    for (const { name, viewport, colorScheme } of LOOKS) {
      const visitor = await Visitor.at(server, browser, { viewport, colorScheme });
      const { page } = visitor;
      await visitor.go('/sign-in');
      await page.getByText('Simulated data.').waitFor();
      found.push(...(await examine(page, `sign-in-${name}`)));
      await visitor.signIn(ADMIN);
      for (const [title, path] of Object.entries(paths)) {
        await visitor.go(path);
        await visitor.isLive();
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('Simulated data.').waitFor();
        await page.locator('.loading').first().waitFor({ state: 'detached' });
        found.push(...(await examine(page, `${title}-${name}`)));
      }
      found.push(...visitor.faults);
      await page.context().close();
    }
    expect(found).toEqual([]);
  });

  it('loads less than 250 kB of compressed script', async () => {
    const { page } = await openPage(browser, { url: server.url });
    let bytes = 0;
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') bytes += Number(response.headers()['content-length']);
    });
    await page.goto('/console/markets');
    await page.getByRole('table', { name: 'Markets' }).waitFor();
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(MOST_SCRIPT_BYTES);
  });

  /** Takes a picture of the page, and returns what keeps people from using it. */
  async function examine(page: Page, name: string): Promise<string[]> {
    await takePicture(page, name);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    return [
      ...violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      ...(overflow > 0 ? [`${name}: ${overflow} pixels wider than the window`] : []),
    ];
  }
});
