// Copies what the reference page needs out of its package, so that nothing is fetched from a CDN.
// wrangler runs it before it bundles (`[build]`); the local run and the tests run it themselves.
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const target = join(root, '.wrangler/assets/docs-assets');
mkdirSync(target, { recursive: true });
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png']) {
  copyFileSync(join(root, 'node_modules/swagger-ui-dist', file), join(target, file));
}
for (const file of ['reference.js', 'invitation.js', 'reference.css']) {
  copyFileSync(join(root, 'src/http/docs', file), join(target, file));
}
