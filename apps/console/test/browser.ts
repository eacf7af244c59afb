import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ROOT = join(__dirname, '../../..');

/** Where pictures of the pages are kept: of the last run. */
export const SCREENSHOTS_DIR = process.env['CONSOLE_SCREENSHOTS_DIR'] ?? join(ROOT, 'artifacts/console');

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/** Where the browser is; null where there is none. */
export function findBrowser(): string | null {
  const asked = process.env['CHROMIUM_PATH'];
  return [...(asked === undefined ? [] : [asked]), ...PLACES].find((path) => existsSync(path)) ?? null;
}

/** Whether there is a browser to test with; says so where there is none. */
export function hasBrowser(): boolean {
  if (findBrowser() !== null) return true;
  process.stderr.write('skipped: no Chromium here (apt-get install chromium, or set CHROMIUM_PATH)\n');
  return false;
}

export function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('there is no browser');
  // Root may not use the sandbox of Chromium, and containers have little shared memory.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page of a new visitor, and everything that went wrong in it: exceptions, errors of its console, requests to other hosts. */
export async function openPage(
  browser: Browser,
  options: { viewport?: typeof WIDE; colorScheme?: 'light' | 'dark'; url: string },
): Promise<{ page: Page; faults: string[] }> {
  const { viewport = WIDE, colorScheme = 'light', url } = options;
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', baseURL: url });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // What the api refused is part of some stories; the page shows it.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.host !== new URL(url).host && asked.protocol !== 'data:') faults.push(`asked ${request.url()}`);
  });
  return { page, faults };
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS_DIR, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS_DIR, `${name}.png`), fullPage: true });
}
