import { createPlatform } from '../platform/index.ts';
import { VERSION } from './version.ts';

type Document = ReturnType<ReturnType<typeof createPlatform>['getOpenAPI31Document']>;

/** The documents by name: one for each audience, and `openapi` for all. */
export function createDocuments(): Record<'openapi' | 'platform' | 'admin', Document> {
  const app = createPlatform();
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of `POST /api/v1/auth/login`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'sk-…',
    description: 'An API key, for machines.',
  });
  const whole = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version: VERSION,
      description: 'Membership, API keys and token quotas as an edge API.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
  });
  return {
    openapi: whole,
    platform: only(whole, (path) => path.startsWith('/api/v1/')),
    admin: only(whole, (path) => path.startsWith('/admin/v1/')),
  };
}

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
];

function only(document: Document, wanted: (path: string) => boolean): Document {
  const paths = Object.fromEntries(Object.entries(document.paths ?? {}).filter(([path]) => wanted(path)));
  const used = new Set(
    Object.values(paths).flatMap((item) =>
      Object.values(item as Record<string, { tags?: string[] }>).flatMap(({ tags }) => tags ?? []),
    ),
  );
  return { ...document, paths, tags: TAGS.filter(({ name }) => used.has(name)) };
}
