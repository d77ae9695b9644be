// `npm run openapi` writes the contract to `openapi.json`; with `--check` (in `npm test`) it only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createDocuments } from '../http/docs/document.ts';

const file = join(resolve(import.meta.dirname, '../..'), 'openapi.json');
const text = `${JSON.stringify(createDocuments().openapi, null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log(`Wrote ${file}`);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error(
    'openapi.json is not what the code says. Run `npm run openapi`, read the difference, commit it.',
  );
  process.exit(1);
}
