// `npm run openapi` writes the contract: `openapi.json`, and a document for each audience in `openapi/`, by the paths at
// which they are served. With `--check` (in `npm test`) it only compares.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createDocuments } from '../http/docs/document.ts';

const root = resolve(import.meta.dirname, '../..');
const stale: string[] = [];

for (const [name, document] of Object.entries(createDocuments())) {
  const path = name === 'openapi' ? 'openapi.json' : `openapi/${name}.json`;
  const file = join(root, path);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (process.argv.includes('--check')) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`Wrote ${path}`);
}

if (stale.length > 0 && process.argv.includes('--check')) {
  console.error(
    `Not what the code says: ${stale.join(', ')}. Run \`npm run openapi\`, read the difference, commit it.`,
  );
  process.exit(1);
}
