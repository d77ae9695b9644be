import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Started, start } from './started.ts';

const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);

/** To be looked at by people; nothing compares them. */
const SCREENSHOTS = join(tmpdir(), 'sluice-screenshots');

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** Where there is no browser, a developer is told; CI must have one. */
export const skipped = CHROMIUM === undefined && !process.env.CI;
if (skipped) console.warn('No Chromium at /usr/bin/chromium (or $CHROMIUM): the pages are not tested.');

/** A browser in front of a local run, for a whole `describe`. */
export class Window {
  server!: Started;
  private browser!: Browser;

  constructor() {
    beforeAll(async () => {
      if (!CHROMIUM) throw new Error('CI has no Chromium at /usr/bin/chromium (or $CHROMIUM).');
      mkdirSync(SCREENSHOTS, { recursive: true });
      this.browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
      this.server = await start();
    });
    afterAll(() => this.browser?.close());
  }

  /** Opens a page, does something with it, and makes sure that nothing went wrong on it meanwhile. */
  async visit(
    path: string,
    options: BrowserContextOptions,
    use: (page: Page, faults: string[]) => Promise<void>,
  ): Promise<void> {
    const context = await this.browser.newContext(options);
    try {
      const page = await context.newPage();
      const faults = await this.watch(page);
      const answer = await page.goto(this.server.url + path);
      expect(answer?.status()).toBe(200);
      await use(page, faults);
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  }

  /** Collects what must not happen: errors, warnings of the policy, requests that fail or leave this server. */
  private async watch(page: Page): Promise<string[]> {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on('requestfailed', (request) => {
      // A page that is left has not failed to load its icon.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()}`);
    });
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== 'data:' && origin !== this.server.url) faults.push(`elsewhere: ${request.url()}`);
    });
    await page.exposeFunction('reportViolation', (text: string) => faults.push(`policy: ${text}`));
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', (event) =>
         reportViolation(event.violatedDirective + ' ' + event.blockedURI))`,
    );
    return faults;
  }
}

/** Takes a picture of a page for people. */
export async function picture(of: Pick<Page, 'screenshot'>, name: string): Promise<void> {
  await of.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
