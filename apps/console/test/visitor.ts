import type { Browser, Page } from 'playwright-core';
import type { StandaloneProcess } from '../../standalone/test/standalone-process';
import { openPage, WIDE } from './browser';

export const PASSWORD = 'correct horse battery';

interface Options {
  viewport?: typeof WIDE;
  colorScheme?: 'light' | 'dark';
}

/** Somebody with a browser at the console of a server. */
export class Visitor {
  private constructor(
    readonly page: Page,
    /** Everything that went wrong in the page. */
    readonly faults: readonly string[],
  ) {}

  static async at(server: StandaloneProcess, browser: Browser, options: Options = {}): Promise<Visitor> {
    const { page, faults } = await openPage(browser, { ...options, url: server.url });
    const visitor = new Visitor(page, faults);
    await visitor.go('/');
    return visitor;
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`/console${path}`);
  }

  async register(email: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Sign in' }).first().click();
    await this.page.getByRole('button', { name: 'Open one' }).click();
    await this.enter(email, 'Open an account');
  }

  async signIn(email: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Sign in' }).first().click();
    await this.enter(email, 'Sign in');
  }

  private async enter(email: string, button: string): Promise<void> {
    await this.page.getByLabel('Email').fill(email);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: button }).click();
    await this.isLive();
  }

  /** Waits until the connection of the page is there. */
  async isLive(): Promise<void> {
    await this.page.getByRole('banner').getByText('Live', { exact: true }).waitFor();
  }

  /** The text of an element, once it is there. */
  async read(locator: ReturnType<Page['locator']>): Promise<string> {
    return (await locator.innerText()).trim();
  }
}
