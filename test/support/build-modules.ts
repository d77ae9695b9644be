import { basename, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles an entry's own modules, and leaves packages and what the runtime has to the importer. What is loaded on first use
 * stays apart. Gives the built entry's file.
 *
 * @param instead files in place of others, by their names
 */
export async function buildModules(
  root: string,
  entry: string,
  instead: Record<string, string>,
): Promise<string> {
  const folder = join(root, '.wrangler/build-modules');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2024',
    packages: 'external',
    external: ['cloudflare:*', 'node:*'],
    plugins: [
      {
        name: 'instead',
        setup: ({ onResolve }) => {
          onResolve({ filter: /\.ts$/ }, ({ path }) => {
            const file = instead[basename(path)];
            return file === undefined ? null : { path: file };
          });
        },
      },
    ],
  });
  return join(folder, `${basename(entry, '.ts')}.js`);
}
