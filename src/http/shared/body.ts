import { createMiddleware } from 'hono/factory';
import { AppError, invalid } from '#kernel/errors';
import type { SurfaceEnv } from './surface.ts';

const MOST_BYTES = 64 * 1024;
const MOST_LEVELS = 64;

/**
 * Reads the body to its end, keeps at most 64 KiB of it, and only then answers 413: to stop early would
 * leave a client writing into a closed connection.
 */
export const readBody = createMiddleware<SurfaceEnv>(async (c, next) => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = c.req.raw.body;
  if (stream) {
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size <= MOST_BYTES) chunks.push(chunk);
    }
  }
  if (size > MOST_BYTES) throw new AppError('payload_too_large');
  c.set('body', Uint8Array.from(Buffer.concat(chunks)));
  await next();
});

/** The JSON value of a body. An empty one counts as `{}`. Faults are 400 at path `body`. */
export function parseJsonBody(bytes: Uint8Array<ArrayBuffer>, contentType: string | undefined): unknown {
  if (bytes.byteLength === 0) return {};
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType ?? '')) {
    throw invalid('body', 'Content-Type must be application/json');
  }
  const value = parse(bytes);
  if (depthOf(value) > MOST_LEVELS) throw invalid('body', `is nested more than ${MOST_LEVELS} levels deep`);
  return value;
}

function parse(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw invalid('body', 'is not valid JSON in UTF-8');
  }
}

/** Walks without recursion, since depth is what is being measured. */
function depthOf(value: unknown): number {
  let level = 0;
  for (let layer: unknown[] = [value]; layer.length > 0 && level <= MOST_LEVELS + 1; level += 1) {
    layer = layer.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return level;
}
