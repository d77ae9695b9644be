import { join } from 'node:path';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { RANDOM_SECRETS } from '../src/dev/secrets.ts';
import { buildModules } from './support/build-modules.ts';
import { contractIndex } from './support/contract-index.ts';

const root = join(import.meta.dirname, '..');

/** Pure code: in the real runtime too, but without the Worker, whose modules cost each file two seconds. */
const UNITS = [
  'test/{kernel,security,providers}/**/*.test.ts',
  'test/**/*rules.test.ts',
  'test/quota/*.test.ts',
];
/** Of the quota's tests the one that also runs in a Durable Object. */
const IN_OBJECT = 'test/quota/engine.model.test.ts';

/** Passwords at their real cost are two thirds of what the tests over HTTP take. */
const CHEAP_PASSWORDS = join(root, 'test/support/password-cost.ts');

/**
 * The local Worker as the tests over HTTP load it: in a few modules, a surface in one of its own. Each test file would load
 * four hundred by itself, which takes two seconds.
 */
const WORKER = await buildModules(root, 'src/dev/worker.ts', { 'password-cost.ts': CHEAP_PASSWORDS });

/** Maps of what is built and of packages: to write and read them takes longer than to run the code. */
const withoutMaps = {
  name: 'without-maps',
  enforce: 'post' as const,
  transform(code: string, id: string) {
    return /node_modules|\.wrangler/.test(id) ? { code, map: { mappings: '' as const } } : null;
  },
};

/** More than vitest would run by itself, which leaves a core idle: many files wait for what they have started. */
const SIDE_BY_SIDE = { maxWorkers: 4, sequence: { groupOrder: 0 } };

/** Packages of many modules, each of which every test file would load by itself: half of what a file takes to begin. */
const PREBUNDLED = {
  optimizer: {
    ssr: {
      enabled: true,
      include: [
        '@hono/zod-openapi',
        'drizzle-orm',
        'drizzle-orm/d1',
        'drizzle-orm/sqlite-core',
        'fast-check',
        'hono',
        'hono/cors',
        'hono/etag',
        'hono/factory',
        'hono/html',
        'ipaddr.js',
        'jose',
        'stripe',
        'temporal-polyfill',
        'ulid',
        'uqr',
        'xss',
        'zod',
        'zod/locales',
      ],
    },
  },
};

export default defineConfig(async () => ({
  test: {
    projects: [
      {
        root,
        // Packages name source maps that they do not bring, which is a warning for each of their files.
        logLevel: 'error' as const,
        resolve: {
          alias: [
            { find: './password-cost.ts', replacement: CHEAP_PASSWORDS },
            { find: '#built', replacement: WORKER },
          ],
        },
        plugins: [
          withoutMaps,
          cloudflareTest({
            main: WORKER,
            wrangler: { configPath: join(root, 'wrangler.toml') },
            miniflare: {
              bindings: {
                ...Object.fromEntries(
                  RANDOM_SECRETS.map((name) => [name, `test-${name.toLowerCase()}-0123456789abcdef`]),
                ),
                ADMIN_EMAIL: 'admin@example.com',
                ADMIN_PASSWORD: 'Admin12345',
                DEMO_PASSWORD: 'Demo12345',
                CORS_ORIGINS: '*',
                REGISTRATIONS_PER_HOUR: '1000',
                // How many generated sequences a provider tells (test/http/providers-sequences.test.ts).
                SEQUENCES: process.env.SEQUENCES ?? '5',
                // How many scripts the model tests make up, and their seed (test/http/{quota-storm,orders-model}.test.ts).
                SCRIPTS: process.env.SCRIPTS ?? '',
                SEED: process.env.SEED ?? '',
                CAPTCHA_COST: '10',
                CAPTCHA_COUNTER: '5',
                MIGRATIONS: await readD1Migrations(join(root, 'drizzle')),
                CONTRACT: JSON.stringify(contractIndex(join(root, 'openapi.json'))),
              },
            },
          }),
        ],
        test: {
          name: 'workers',
          deps: PREBUNDLED,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/{drizzle,structure,oracles,started,browser,contract,crash,fuzz,kernel,security,providers}/**',
            'test/**/*rules.test.ts',
            'test/quota/!(engine.model).test.ts',
          ],
          setupFiles: [join(root, 'test/support/setup.ts')],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          ...SIDE_BY_SIDE,
        },
      },
      {
        root,
        plugins: [
          cloudflareTest({
            miniflare: { compatibilityDate: '2026-08-01', compatibilityFlags: ['nodejs_compat'] },
          }),
        ],
        test: { name: 'units', include: UNITS, exclude: [IN_OBJECT], testTimeout: 30_000, ...SIDE_BY_SIDE },
      },
      {
        root,
        test: {
          name: 'node',
          environment: 'node',
          globalSetup: [join(root, 'test/support/build.ts')],
          include: ['test/{drizzle,structure,oracles,started,browser,contract,crash,fuzz}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Of tests that say so (test/fuzz).
          maxConcurrency: 16,
          // Mostly these wait for what they have started, while the others work.
          ...SIDE_BY_SIDE,
        },
      },
    ],
  },
}));
