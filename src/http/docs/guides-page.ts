import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { AppError } from '#kernel/errors';
import type { SurfaceEnv } from '../shared/surface.ts';
import { servePage } from './page.ts';

/** The guides, as `guides/*.md` are rendered at the build, and what each is about. */
const GUIDES = {
  quota: { title: 'Quota', about: 'Reserve, settle, and what a 429 says. For gateways and services.' },
  payments: { title: 'Payments', about: 'From an order to what it bought, whoever pays how.' },
  admin: {
    title: 'Administration',
    about: 'A plan, a verification, a user, a gift: an admin’s work in the reference.',
  },
};

/** What guides there are. */
export function guidesPage(c: Context) {
  const entries = Object.entries(GUIDES);
  return servePage(c, {
    name: 'guides',
    main: html`<main class="text"><dl>
      ${entries.map(([key, { title, about }]) => html`<dt><a href="/docs/guides/${key}">${title}</a></dt><dd>${about}</dd>`)}
    </dl></main>`,
  });
}

/** One guide. */
export async function guidePage(c: Context<SurfaceEnv>) {
  const key = c.req.param('guide') ?? '';
  if (!Object.hasOwn(GUIDES, key)) throw new AppError('not_found');
  const rendered = await c.env.assets.fetch(new URL(`/docs-assets/guides/${key}.txt`, c.req.url));
  if (!rendered.ok) throw new Error(`the guide ${key} was not rendered`);
  return servePage(c, {
    name: `guide: ${GUIDES[key as keyof typeof GUIDES].title}`,
    main: html`<main class="text">${raw(await rendered.text())}</main>`,
  });
}
