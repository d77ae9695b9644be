import { createPlatform } from '../platform/index.ts';
import { createSites } from '../sites/index.ts';
import { createStorefront } from '../storefront/index.ts';
import { createTiers } from '../tiers/index.ts';
import { VERSION } from './version.ts';

type Document = ReturnType<ReturnType<typeof createPlatform>['getOpenAPI31Document']>;

/** Which part of the contract is whose, by its paths. */
const AUDIENCES = {
  platform: /^\/api\/v1\/(?!tbk\/|storefront\/)/,
  admin: /^\/admin\/v1\/(?!storefront\/)/,
  sites: /^\/api\/members/,
  storefront: /^\/((admin|api)\/v1\/)?storefront\//,
  tiers: /^\/(admin|api\/v1)\/tbk\//,
};
export type DocumentName = 'openapi' | keyof typeof AUDIENCES;

/** The documents by name: one for each audience, and `openapi` for all. */
export function createDocuments(): Record<DocumentName, Document> {
  const parts = [createPlatform(), createSites(), createTiers(), createStorefront()].map((app) =>
    app.getOpenAPI31Document(HEAD),
  );
  const whole: Document = {
    ...HEAD,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: Object.assign({}, ...parts.map(({ components }) => components?.schemas)),
    },
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
  };
  return {
    openapi: whole,
    platform: only(whole, AUDIENCES.platform),
    admin: only(whole, AUDIENCES.admin),
    sites: only(whole, AUDIENCES.sites),
    tiers: only(whole, AUDIENCES.tiers),
    storefront: only(whole, AUDIENCES.storefront),
  };
}

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of `POST /api/v1/auth/login`.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'sk-…',
    description: 'An API key, for machines.',
  },
  clientKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Client',
    description: 'The key of a back office’s client (`POST /admin/v1/clients`).',
  },
} as const;

const TAGS = [
  { name: 'Authorisation', description: 'Public key, captcha, sign-in' },
  { name: 'Users', description: 'Accounts' },
  { name: 'API keys', description: 'Keys for machines' },
  { name: 'Membership plans', description: 'What is sold' },
  { name: 'Membership', description: 'What is held' },
  { name: 'Orders', description: 'What is bought, and paying for it' },
  { name: 'Admin: users', description: 'Finding, freezing and empowering users' },
  { name: 'Admin: enterprises', description: 'Companies and who owns them' },
  { name: 'Admin: statistics', description: 'Members and revenue' },
  { name: 'Admin: audit', description: 'Who did what' },
  { name: 'Quota', description: 'Who may spend tokens now' },
  { name: 'Admin: clients', description: 'Machines of back offices' },
  { name: 'Membership packages', description: 'What back offices sell' },
  { name: 'Member types', description: 'Kinds of members that packages are for' },
  { name: 'Alliance', description: 'Tiers of members, their gifts and rewards' },
  { name: 'Admin: tiers', description: 'The ladder, and what it grants' },
  { name: 'Admin: tier purchases', description: 'What was bought and reached, and what is shipped' },
  { name: 'Storefront', description: 'ShopXO’s VIP levels' },
  { name: 'Admin: storefront', description: 'Its settings, levels and members' },
  { name: 'Admin: rewards and withdrawals', description: 'What inviters earn, and what they take out' },
];

const HEAD = {
  openapi: '3.1.0',
  info: {
    title: 'Sluice',
    version: VERSION,
    description: 'Membership, API keys and token quotas as an edge API.',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  },
  servers: [{ url: '/' }],
  tags: TAGS,
};

function only(document: Document, wanted: RegExp): Document {
  const paths = Object.fromEntries(
    Object.entries(document.paths ?? {}).filter(([path]) => wanted.test(path)),
  );
  const used = new Set(
    Object.values(paths).flatMap((item) =>
      Object.values(item as Record<string, { tags?: string[] }>).flatMap(({ tags }) => tags ?? []),
    ),
  );
  return {
    ...document,
    paths,
    components: { ...document.components, schemas: schemasOf(paths, document.components?.schemas ?? {}) },
    tags: TAGS.filter(({ name }) => used.has(name)),
  };
}

/** The schemas that paths refer to, and those that these refer to. */
function schemasOf<T>(paths: unknown, schemas: Record<string, T>): Record<string, T> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (names.has(name)) continue;
      names.add(name);
      visit(schemas[name]);
    }
  };
  visit(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)));
}
