// Makes what the pages need: the reference's own files and its package's, so that nothing is fetched from a CDN, and the
// guides as HTML. wrangler runs it before it bundles (`[build]`); the local run and the tests run it themselves.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const target = join(root, '.wrangler/assets/docs-assets');
// What is no longer made must not stay.
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'guides'), { recursive: true });

const pack = join(root, 'node_modules/swagger-ui-dist');
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png']) {
  copyFileSync(join(pack, file), join(target, file));
}
const own = join(here, 'browser');
for (const file of readdirSync(own)) copyFileSync(join(own, file), join(target, file));

const guides = join(here, 'guides');
for (const file of readdirSync(guides)) {
  const html = await marked(readFileSync(join(guides, file), 'utf8'));
  // A part of a page, which the Worker completes; as text, so that nobody opens it by itself.
  writeFileSync(join(target, 'guides', `${parse(file).name}.txt`), html);
}
