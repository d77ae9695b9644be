import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, PHONE, picture, skipped, Window } from '../support/browser.ts';

const LIGHT_AND_DARK = ['light', 'dark'] as const;
const OPERATION = 'Reserve tokens before spending them';

/** What the page offers, and something that only this document says. */
const DOCUMENTS = {
  'People and machines': { url: '/openapi/platform.json', operation: OPERATION },
  Admins: { url: '/openapi/admin.json', operation: '/admin/v1/users' },
  'Back offices: packages': { url: '/openapi/sites.json', operation: '/api/members' },
  'Alliance: tiers': { url: '/openapi/tiers.json', operation: '/admin/tbk/members' },
  'Storefront: levels': { url: '/openapi/storefront.json', operation: '/storefront/buy/index' },
};

describe.skipIf(skipped)('the pages of a local run, in a browser', () => {
  const window = new Window();
  const visit = window.visit.bind(window);
  let token: string;

  beforeAll(async () => {
    token = await window.server.signIn();
  });

  describe('/docs', () => {
    it('shows the operations of each document', async () => {
      await visit('/docs', DESKTOP, async (page) => {
        expect(await page.title()).toBe('Sluice API reference');
        const select = page.getByLabel('Document');
        const names = await select.locator('option').allTextContents();
        expect(names).toEqual([...Object.keys(DOCUMENTS), 'Everything']);

        let all = 0;
        for (const [name, { url, operation }] of Object.entries(DOCUMENTS)) {
          await select.selectOption({ label: name });
          await page.getByText(operation).first().waitFor();
          const operations = await operationsAt(url);
          await expect.poll(() => page.locator('.opblock').count(), { timeout: 10_000 }).toBe(operations);
          await picture(page, `docs${url.replaceAll(/\W/g, '-')}`);
          all += operations;
        }
        expect(all).toBe(await operationsAt('/openapi.json'));
        await select.selectOption({ label: 'Everything' });
        await page.getByText('/openapi.json').waitFor();
      });
    });

    it('opens an operation by its address, with all that it takes', async () => {
      await visit('/docs?document=sites#/Membership%20packages/listPackages', DESKTOP, async (page) => {
        const open = page.locator('.opblock.is-open');
        await open.locator('tr[data-param-name="name"]').waitFor();
        await open.locator('tr[data-param-name="Accept-Language"]').waitFor();
      });
    });

    it('tries an operation out with a key', async () => {
      await visit('/docs', DESKTOP, async (page) => {
        await page.getByRole('button', { name: 'Authorize' }).first().click();
        const key = page.locator('.auth-container', { hasText: 'An API key, for machines' });
        await key.locator('input').fill(window.server.demo.apiKey);
        await key.getByRole('button', { name: 'Apply credentials' }).click();
        await picture(page, 'docs-authorize');
        await page.locator('.dialog-ux').getByRole('button', { name: 'Close' }).last().click();

        const operation = page.locator('.opblock-get', { has: page.locator('[data-path="/api/v1/quota"]') });
        await operation.locator('.opblock-summary-control').click();
        await operation.getByRole('button', { name: 'Execute' }).click();
        const answer = operation.locator('.live-responses-table .highlight-code').first();
        await answer.waitFor();
        expect(await answer.textContent()).toContain('"metric": "tpm"');
        await picture(page, 'docs-tried');
      });
    });
  });

  describe('/dev/cashier', () => {
    it('fails an order, which stays payable, then pays it', async () => {
      await visit(await orderPath(), DESKTOP, async (page) => {
        const status = page.locator('#status');
        expect(await status.textContent()).toBe('pending');
        await picture(page, 'cashier');

        await page.getByRole('button', { name: 'Fail' }).click();
        await page.locator('#outcome').getByText('fail').waitFor();
        expect(await status.textContent()).toBe('pending');

        await page.getByRole('button', { name: 'Pay' }).click();
        await page.locator('#outcome').getByText('pay').waitFor();
        expect(await status.textContent()).toBe('paid');
        await picture(page, 'cashier-paid');
      });
    });
  });

  describe.each(LIGHT_AND_DARK)('on a %s phone', (colorScheme) => {
    const expectReadable = async (page: Page, name: string) => {
      await picture(page, `${name}-phone-${colorScheme}`);
      await expectNoSidewaysScroll(page);
      expect(await brightness(page)).toBe(colorScheme === 'light' ? 'bright' : 'dark');
    };

    it('the reference fits and can be read', async () => {
      await visit('/docs', { ...PHONE, colorScheme }, async (page) => {
        await page.getByText(OPERATION).waitFor();
        await expectReadable(page, 'docs');
        await page.getByText(OPERATION).click();
        await page.locator('.opblock.is-open').getByText('reservation_id').first().waitFor();
        await expectReadable(page, 'docs-open');
      });
    });

    it.each(['errors', 'mailbox', 'cashier', 'invitation'])('%s fits and can be read', async (name) => {
      const paths: Record<string, string> = {
        errors: '/docs/errors',
        mailbox: '/dev/mailbox',
        cashier: await orderPath(),
        invitation: `/docs/invitation#inv_${'x'.repeat(40)}`,
      };
      await visit(paths[name] ?? '', { ...PHONE, colorScheme }, (page) => expectReadable(page, name));
    });
  });

  describe('/dev/mailbox', () => {
    it('shows a mail that was sent', async () => {
      await visit('/dev/mailbox', DESKTOP, async (page) => {
        expect(await page.getByText('Nothing yet.').isVisible()).toBe(true);

        // The demo user's membership runs out, cron tells of it. No sign-in of before is good afterwards.
        await window.server.send('PUT', '/dev/clock', { body: { offset_seconds: 10 * 366 * 86_400 } });
        const cron = await window.server.send(
          'GET',
          `/cdn-cgi/local/scheduled?cron=${encodeURIComponent('*/5 * * * *')}`,
        );
        expect(cron.status).toBe(200);
        await page.reload();
        expect(await page.locator('article').count()).toBe(1);
        expect(await page.locator('article').textContent()).toContain(window.server.demo.email);
        await picture(page, 'mailbox');
      });
    });
  });

  describe('/docs/invitation', () => {
    it('says what is wrong with a code', async () => {
      await visit(`/docs/invitation#inv_${'x'.repeat(40)}`, DESKTOP, async (page, faults) => {
        await joinAs(page, window.server.demo);
        await page.getByText('Not found.').waitFor();
        // The browser itself reports the answer of 404.
        faults.splice(0);
      });
    });

    it('lets the invited person join', async () => {
      const path = await invitationPath(window.server.demo.email);
      await visit(path, DESKTOP, async (page) => {
        await joinAs(page, window.server.demo);
        await page.getByText('now belongs to the enterprise').waitFor();
        await picture(page, 'invitation');
      });
      const profile = await window.server.data<{ member_count: number }>(
        'GET',
        '/api/v1/enterprise/profile',
        {
          token: await window.server.signIn(),
        },
      );
      expect(profile.member_count).toBe(2);
    });
  });

  async function joinAs(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Join' }).click();
  }

  /** The link in the mail of a verified enterprise's invitation. */
  async function invitationPath(email: string): Promise<string> {
    const owner = { email: 'owner@example.com', password: 'Aa123456!' };
    await window.server.data('POST', '/api/v1/users/register', {
      body: {
        user_type: 'enterprise',
        enterprise_name: 'XX',
        email: owner.email,
        ...(await window.server.encrypt(owner.password)),
        captcha_token: await window.server.captcha(),
      },
    });
    const ownerToken = await window.server.signIn(owner);
    const papers = {
      enterprise_name: 'XX 科技有限公司',
      credit_code: '91110000XXXXXXXX',
      license_image: 'https://oss.example.com/licenses/xxx.jpg',
      contact_name: '李四',
      contact_phone: '13900139000',
    };
    const { verification_id: id } = await window.server.data<{ verification_id: string }>(
      'POST',
      '/api/v1/users/me/verify/enterprise',
      { token: ownerToken, body: papers },
    );
    const adminToken = await window.server.signIn(window.server.admin);
    await window.server.data('POST', `/admin/v1/verifications/${id}/approve`, {
      token: adminToken,
      body: {},
    });
    await window.server.data('POST', '/api/v1/enterprise/members/invite', {
      token: ownerToken,
      body: { email },
    });
    const mails = await window.server.send<{ items: { text: string }[] }>('GET', `/dev/mailbox?to=${email}`, {
      headers: { Accept: 'application/json' },
    });
    const link = mails.body.items.map(({ text }) => /\S+\/docs\/invitation\S+/.exec(text)?.[0]).find(Boolean);
    return (link ?? 'no link').replace(/^https?:\/\/[^/]+/, '');
  }

  /** An order of the demo user's that can be paid, and its cashier. */
  async function orderPath(): Promise<string> {
    const wish = { plan_id: 'plan_basic', period: 'monthly' };
    const order = await window.server.data<{ order_id: string }>('POST', '/api/v1/membership/subscribe', {
      token,
      body: wish,
    });
    return `/dev/cashier/${order.order_id}`;
  }

  async function operationsAt(path: string): Promise<number> {
    const { paths } = (await (await fetch(window.server.url + path)).json()) as {
      paths: Record<string, object>;
    };
    const verbs = Object.values(paths).flatMap(Object.keys);
    return verbs.filter((verb) => ['get', 'put', 'post', 'patch', 'delete'].includes(verb)).length;
  }
});

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, innerWidth]',
  );
  expect(content).toBeLessThanOrEqual(window);
}

/** Whether the page's background is bright or dark: its own, or the browser's where it sets none. */
async function brightness(page: Page): Promise<'bright' | 'dark'> {
  const colour = await page.evaluate<string>(`(() => {
    const fallback = document.body.appendChild(document.createElement('i'));
    fallback.style.backgroundColor = 'Canvas';
    const colours = [document.body, document.documentElement, fallback].map(
      (element) => getComputedStyle(element).backgroundColor,
    );
    fallback.remove();
    return colours.find((one) => one !== 'rgba(0, 0, 0, 0)');
  })()`);
  const [red, green, blue] = (colour.match(/\d+/g) ?? []).map(Number);
  return Math.max(red ?? 0, green ?? 0, blue ?? 0) > 127 ? 'bright' : 'dark';
}
