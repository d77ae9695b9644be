import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, PHONE, picture, skipped, Window } from '../support/browser.ts';

/** An admin's work, done in the reference by its own sign-in and *Execute*, with the examples that stand there. */
describe.skipIf(skipped)('an admin in the reference', () => {
  const window = new Window();
  let token: string;

  beforeAll(async () => {
    token = await window.server.signIn();
  });

  it('finds a user, creates a plan, approves a verification and ships a gift', async () => {
    const papers = {
      real_name: '张三',
      id_card: '110101199001011234',
      id_card_front: 'https://oss.example.com/id/front.jpg',
      id_card_back: 'https://oss.example.com/id/back.jpg',
    };
    const verification = '/api/v1/users/me/verify/realname';
    const handed = await window.server.send('POST', verification, { token, body: papers });
    expect(handed.status, JSON.stringify(handed.body)).toBe(200);
    const { order_no } = await bought();

    await window.visit('/docs?document=admin', DESKTOP, async (page, faults) => {
      await signIn(page, { email: window.server.admin.email, password: 'Wrong12345' });
      await page.locator('dialog output').getByText('wrong').waitFor();
      // The browser itself reports the answer of 401.
      faults.splice(0);
      await page.locator('dialog').getByRole('button', { name: 'Cancel' }).click();
      await signIn(page, window.server.admin);
      await page.getByText(window.server.admin.email).waitFor();
      await picture(page, 'docs-signed-in');

      const found = await execute(page, 'get', '/admin/v1/users', {
        parameters: { keyword: window.server.demo.email.toUpperCase() },
      });
      expect(found.status).toBe(200);
      expect(found.body.data.items).toMatchObject([{ email: window.server.demo.email }]);
      await picture(page, 'docs-user-found');

      // The body is the example that stands there.
      const made = await execute(page, 'post', '/admin/v1/membership/plans');
      expect(made, JSON.stringify(made.body)).toMatchObject({
        status: 200,
        body: { data: { plan_id: 'plan_enterprise_standard', name: '企业标准版' } },
      });
      await picture(page, 'docs-plan-created');
      const changed = await execute(page, 'put', '/admin/v1/membership/plans/{plan_id}', {
        parameters: { plan_id: 'plan_enterprise_standard' },
        body: { price_monthly: '199.00' },
      });
      expect(changed.body.data).toMatchObject({ name: '企业标准版', price_monthly: '199.00' });

      const waiting = await execute(page, 'get', '/admin/v1/verifications', {
        parameters: { status: 'pending' },
      });
      const [{ verification_id }] = waiting.body.data.items;
      const opened = await execute(page, 'get', '/admin/v1/verifications/{verification_id}', {
        parameters: { verification_id },
      });
      expect(opened.body.data.papers.real_name).toBe('张三');
      const approved = await execute(page, 'post', '/admin/v1/verifications/{verification_id}/approve', {
        parameters: { verification_id },
      });
      expect(approved.status, JSON.stringify(approved.body)).toBe(200);
      const mine = await window.server.data<{ status: string }>('GET', verification, { token });
      expect(mine.status).toBe('verified');

      // Another document is asked in the same name; a tab that is loaded anew knows who is there.
      await page.getByLabel('Document').selectOption({ label: 'Alliance: tiers' });
      await page.locator('[data-path="/admin/tbk/members/logs"]').waitFor();
      await page.reload();
      await page.getByText(window.server.admin.email).waitFor();
      const logs = await execute(page, 'get', '/admin/tbk/members/logs');
      const log = logs.body.data.find((one: { order_no: string }) => one.order_no === order_no);
      const shipped = await execute(page, 'post', '/admin/tbk/members/logs/{id}/express', {
        parameters: { id: String(log.id) },
      });
      expect(shipped, JSON.stringify(shipped.body)).toMatchObject({ status: 201 });
      await picture(page, 'docs-shipped');

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect((await execute(page, 'get', '/admin/tbk/settings')).status).toBe(401);
      faults.splice(0);
    });
  });

  it('is helped by a captcha after three wrong passwords', async () => {
    await window.visit('/docs?document=sites', { ...PHONE, colorScheme: 'dark' }, async (page, faults) => {
      const { email, password } = window.server.demo;
      for (let n = 0; n < 3; n += 1) {
        await signIn(page, { email, password: `Wrong1234${n}` });
        await page.locator('dialog output').getByText('wrong').waitFor();
        await page.locator('dialog').getByRole('button', { name: 'Cancel' }).click();
      }
      await signIn(page, { email, password });
      await page.getByText(email).waitFor();
      await picture(page, 'docs-signed-in-phone-dark');
      faults.splice(0);
    });
  });

  describe('/docs/guides', () => {
    it('are listed, and can be read on a phone', async () => {
      await window.visit('/docs/guides', PHONE, async (page) => {
        for (const guide of ['Quota', 'Payments', 'Administration']) {
          await page.getByRole('link', { name: guide, exact: true }).click();
          await page.getByRole('heading', { name: guide }).first().waitFor();
          // Its width is that of the style sheet.
          await page.waitForLoadState('load');
          const [content, width] = await page.evaluate<[number, number]>(
            '[document.documentElement.scrollWidth, innerWidth]',
          );
          expect(content).toBeLessThanOrEqual(width);
          await picture(page, `guide-${guide.toLowerCase()}-phone`);
          await page.getByRole('link', { name: 'Guides' }).click();
        }
      });
    });
  });

  /** A tier that the demo user bought, and whose gift they have asked for. */
  async function bought(): Promise<{ order_no: string }> {
    const { server } = window;
    const order = await server.data<{ order_id: string }>('POST', '/api/v1/tbk/members', {
      token,
      body: { member_id: 3, pay_mode: 'cash', pay_type: 'wxpay' },
    });
    await server.data('POST', `/api/v1/orders/${order.order_id}/pay`, {
      token,
      body: { provider: 'sandbox' },
    });
    const form = { raw: 'action=pay', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    await server.send('POST', `/dev/cashier/${order.order_id}`, form);
    const consignee = { name: '赵伟', phone: '13800138000', area: '陕西省西安市', detail: '科技二路1号' };
    await server.data('POST', '/api/v1/tbk/members/gift', {
      token,
      body: { order_no: order.order_id, consignee },
    });
    return { order_no: order.order_id };
  }
});

async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).first().click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.locator('dialog').getByRole('button', { name: 'Sign in' }).click();
}

interface Filling {
  parameters?: Record<string, string>;
  /** In place of the example that stands there. */
  body?: object;
}

/** Fills an operation in and presses *Execute*, as a person would; gives what was answered. */
async function execute(page: Page, method: string, path: string, { parameters = {}, body }: Filling = {}) {
  const block = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
  const summary = block.locator('.opblock-summary-control');
  await summary.waitFor();
  for (const open of await page.locator('.opblock.is-open .opblock-summary-control').all())
    await open.click();
  await summary.click();
  for (const [name, value] of Object.entries(parameters)) {
    const row = block.locator(`tr[data-param-name="${name}"]`);
    // A choice or a text: which one is known once it is drawn.
    await row.locator('select, input').first().waitFor();
    const select = row.locator('select');
    if ((await select.count()) > 0) await select.selectOption(value);
    else await row.locator('input').fill(value);
  }
  if (body) await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
  await block.getByRole('button', { name: 'Execute' }).click();
  const answer = block.locator('.live-responses-table .response').first();
  await answer.waitFor();
  const text = (await answer.locator('.highlight-code code').first().textContent()) ?? '';
  return {
    status: Number.parseInt((await answer.locator('.response-col_status').textContent()) ?? '', 10),
    body: JSON.parse(text),
  };
}
