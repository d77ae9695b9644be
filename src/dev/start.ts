// `npm start`: the whole of Sluice on this machine, with its state in a folder. Built by wrangler, run by
// Miniflare (workerd) itself, since `wrangler dev` adds a proxy in front.
import { join, resolve } from 'node:path';
import { Miniflare } from 'miniflare';
import { claimPort } from './port.ts';
import { localSecrets } from './secrets.ts';
import { buildWorker, migrateAll, miniflareOptions } from './workerd.ts';

const root = resolve(import.meta.dirname, '../..');
const port = Number(process.env.PORT ?? 8787);
const stateDir = resolve(root, process.env.STATE_DIR ?? '.wrangler/state');

try {
  await start();
} catch (error) {
  console.error(`\nSluice did not start.\n${error instanceof Error ? error.message : error}\n`);
  if (process.env.DEBUG) console.error(error);
  process.exit(1);
}

async function start(): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('PORT must be a port number.');
  const claim = await claimPort(port, stateDir);
  const secrets = localSecrets(root);
  const bundle = bundled();
  const localUrl = `http://localhost:${port}`;
  // Behind a tunnel, so that payment providers can reach it.
  const publicUrl = process.env.PUBLIC_URL ?? localUrl;
  await claim.handOver();
  const miniflare = new Miniflare(
    await miniflareOptions({
      root,
      bundle,
      port,
      stateDir,
      variables: { ...secrets, ...providerVariables(), ...localVariables(publicUrl) },
    }),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Miniflare's own handler would end this process before workerd has ended.
    process.removeAllListeners(signal).once(signal, () => {
      void miniflare.dispose().finally(() => {
        claim.release();
        process.exit(0);
      });
    });
  }
  await miniflare.ready;
  claim.record();
  await migrateAll(miniflare, root, bundle);
  const seeded = await miniflare.dispatchFetch(`${localUrl}/dev/seed`, { method: 'POST' });
  if (!seeded.ok) throw new Error(`The local accounts could not be made: ${await seeded.text()}`);
  const { admin_email, demo_email, demo_api_key } = (await seeded.json()) as Record<string, string>;
  console.log(`
Sluice is running. State: ${stateDir}

  Reference     ${publicUrl}/docs
  Mailbox       ${publicUrl}/dev/mailbox
  Test clock    ${publicUrl}/dev/clock

  Admin         ${admin_email}   ${secrets.ADMIN_PASSWORD}
  Demo user     ${demo_email}    ${secrets.DEMO_PASSWORD}
  Demo API key  ${demo_api_key}

Try it:

  curl -s ${publicUrl}/api/v1/quota -H 'Authorization: Bearer ${demo_api_key}'

Stop with Ctrl-C; a second start goes on where this one stops.
`);
}

/** The Worker as it is now; or `BUNDLE`, a folder that somebody who starts it often (the tests) has built before. */
function bundled(): string {
  if (process.env.BUNDLE) return process.env.BUNDLE;
  console.log('Building …');
  return buildWorker(root, 'src/dev/worker.ts', join('.wrangler', `build-${port}`));
}

/** What a local run is set to, over `wrangler.toml`. */
function localVariables(publicUrl: string): Record<string, string> {
  return {
    PUBLIC_URL: publicUrl,
    CORS_ORIGINS: '*',
    REGISTRATIONS_PER_HOUR: '1000',
    CAPTCHA_COST: '100',
    CAPTCHA_COUNTER: '10',
  };
}

/** Accounts at payment providers, from the environment: over those of `.dev.vars`. */
function providerVariables(): Record<string, string> {
  const set = Object.entries(process.env).filter(([name]) => /^(STRIPE|WXPAY|ALIPAY)_/.test(name));
  return Object.fromEntries(set.map(([name, value]) => [name, value ?? '']));
}
