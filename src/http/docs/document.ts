import { createPlatform } from '../platform/index.ts';
import { createSites } from '../sites/index.ts';
import { createStorefront } from '../storefront/index.ts';
import { createTiers } from '../tiers/index.ts';
import { HEADERS, LANGUAGE, SECURITY_SCHEMES, SITE, TAGS } from './components.ts';
import { HEALTH } from './health.ts';
import { VERSION } from './version.ts';

type Document = ReturnType<ReturnType<typeof createPlatform>['getOpenAPI31Document']>;

/** Which part of the contract is whose, by its paths. */
const AUDIENCES = {
  platform: /^\/(api\/v1\/(?!tbk\/|storefront\/)|healthz)/,
  admin: /^\/admin\/v1\/(?!storefront\/)/,
  sites: /^\/api\/members/,
  storefront: /^\/((admin|api)\/v1\/)?storefront\//,
  tiers: /^\/(admin|api\/v1)\/tbk\//,
};
export type DocumentName = 'openapi' | keyof typeof AUDIENCES;

/** The documents by name: one for each audience, and `openapi` for all. */
export function createDocuments(): Record<DocumentName, Document> {
  const parts = [createPlatform(), createSites(), createTiers(), createStorefront()].map((app) =>
    plain(app.getOpenAPI31Document(HEAD)),
  );
  const schemas: Schemas = Object.assign({}, ...parts.map(({ components }) => components?.schemas));
  const whole: Document = {
    ...HEAD,
    components: { securitySchemes: SECURITY_SCHEMES, headers: HEADERS, schemas: schemas as never },
    paths: {
      ...Object.fromEntries(
        parts
          .flatMap(({ paths }) => Object.entries(paths ?? {}))
          .map(([path, item]) => [path, completed(path, item, schemas)]),
      ),
      '/healthz': HEALTH,
    },
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

/** A document without what routes have for the server, and as OpenAPI and JSON Schema write the rest. */
function plain(document: Document): Document {
  const text = JSON.stringify(document, (name, value) => (name === 'middleware' ? undefined : value));
  return JSON.parse(text, (name, value) => {
    // A regular expression without its flags.
    if (name === 'pattern' && typeof value === 'string') return value.replace(/\/u$/, '');
    return name === 'parameters' && Array.isArray(value) ? value.map(unfilled) : value;
  });
}

/**
 * The reference fills a parameter's `example` in, which would filter each list by it, and send the same Idempotency-Key
 * again. Only what must be sent keeps it; else it is one of the schema's `examples`.
 */
function unfilled(parameter: Parameter): Parameter {
  const { name, required, schema, example: _, ...rest } = parameter;
  if (required && name !== 'Idempotency-Key') return parameter;
  const { example, ...plain } = schema;
  return {
    ...rest,
    name,
    required,
    schema: example === undefined ? plain : { ...plain, examples: [example] },
  };
}

interface Parameter {
  name: string;
  required?: boolean | undefined;
  schema: { example?: unknown; examples?: unknown[] };
  example?: unknown;
}

/**
 * A path's operations with what may be said of each request; a back office’s site is part of who asks. Written out, since
 * the reference does not resolve what an operation that is opened by its address refers to.
 */
function completed(path: string, item: object, schemas: Schemas): object {
  const said = AUDIENCES.sites.test(path) ? [LANGUAGE] : [SITE, LANGUAGE];
  return Object.fromEntries(
    Object.entries(item as Record<string, Completed>).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation;
      const sent = requestBody && { requestBody: maybeEmpty(requestBody, schemas) };
      return [method, { ...operation, ...sent, parameters: [...parameters, ...said] }];
    }),
  );
}

/** Nothing at all is sent as well as `{}` is, where nothing in a body is needed. */
function maybeEmpty(body: Body, schemas: Schemas): Body {
  const { schema } = body.content['application/json'] ?? {};
  const { type, required = [] } = schemas[schema?.$ref?.split('/').at(-1) ?? ''] ?? schema ?? {};
  return type === 'object' && required.length === 0 ? { ...body, required: false } : body;
}

interface Body {
  required?: boolean;
  content: Record<string, { schema: Schema & { $ref?: string } }>;
}
interface Schema {
  type?: string;
  required?: string[];
}
type Schemas = Record<string, Schema>;
interface Completed {
  parameters?: object[];
  requestBody?: Body;
}

function only(document: Document, wanted: RegExp): Document {
  const paths = Object.fromEntries(
    Object.entries(document.paths ?? {}).filter(([path]) => wanted.test(path)),
  );
  const operations = Object.values(paths).flatMap((item) => Object.values(item) as Operation[]);
  const tags = new Set(operations.flatMap(({ tags = [] }) => tags));
  const schemes = new Set(operations.flatMap(({ security = [] }) => security.flatMap(Object.keys)));
  const { securitySchemes, ...components } = document.components ?? {};
  return {
    ...document,
    paths,
    components: {
      securitySchemes: pick(securitySchemes, schemes),
      ...usedOf(paths, components as Components),
    },
    tags: TAGS.filter(({ name }) => tags.has(name)),
  };
}

interface Operation {
  tags?: string[];
  security?: object[];
}
/** Kind → name → component. */
type Components = Record<string, Record<string, object>>;

/** The components that paths refer to, and those that these refer to. */
function usedOf(paths: unknown, components: Components): Components {
  const used = new Map(Object.keys(components).map((kind) => [kind, new Set<string>()]));
  const visit = (part: unknown): void => {
    for (const [, kind = '', name = ''] of JSON.stringify(part).matchAll(
      /"#\/components\/(\w+)\/([^"]+)"/g,
    )) {
      if (used.get(kind)?.has(name)) continue;
      used.get(kind)?.add(name);
      visit(components[kind]?.[name]);
    }
  };
  visit(paths);
  return Object.fromEntries([...used].map(([kind, names]) => [kind, pick(components[kind], names)]));
}

function pick<T>(all: Record<string, T> = {}, names: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
