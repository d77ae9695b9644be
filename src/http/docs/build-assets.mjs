// Makes what the pages need: the reference's own files and its package's, so that nothing is fetched from a CDN, and the
// guides as HTML. wrangler runs it before it bundles (`[build]`); the local run and the tests run it themselves.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const target = join(root, '.wrangler/assets/docs-assets');
mkdirSync(join(target, 'guides'), { recursive: true });

const made = new Set();

/** Somebody may be served from here meanwhile: a file is there whole, and is left alone where it says this already. */
function put(name, content) {
  const file = join(target, name);
  made.add(file);
  if (existsSync(file) && readFileSync(file).equals(content)) return;
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, content);
  renameSync(whole, file);
}

const pack = join(root, 'node_modules/swagger-ui-dist');
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png']) {
  put(file, readFileSync(join(pack, file)));
}
const own = join(here, 'browser');
for (const file of readdirSync(own)) put(file, readFileSync(join(own, file)));

const guides = join(here, 'guides');
for (const file of readdirSync(guides)) {
  const html = await marked(readFileSync(join(guides, file), 'utf8'));
  // A part of a page, which the Worker completes; as text, so that nobody opens it by itself.
  put(join('guides', `${parse(file).name}.txt`), Buffer.from(html));
}

// What is no longer made does not stay.
for (const file of readdirSync(target, { recursive: true, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  const isBeingMade = /\.\d+$/.test(file.name);
  if (file.isFile() && !made.has(path) && !isBeingMade) rmSync(path, { force: true });
}
