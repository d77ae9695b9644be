/** `src/dev/worker.ts`, built: see `test/vitest.config.ts`. */
declare module '#built' {
  export { default, QuotaObject } from '../../src/dev/worker.ts';
}
