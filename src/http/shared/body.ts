import type { MiddlewareHandler } from 'hono';
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
  const stream = c.req.raw.body as unknown as AsyncIterable<Uint8Array> | null;
  try {
    for await (const chunk of stream ?? []) {
      size += chunk.byteLength;
      if (size <= MOST_BYTES) chunks.push(chunk);
    }
  } catch {
    // The client hung up: nobody reads this, and nobody here did anything wrong.
    throw invalid('body', 'was not sent to its end');
  }
  if (size > MOST_BYTES) throw new AppError('payload_too_large');
  c.set('body', Uint8Array.from(Buffer.concat(chunks)));
  await next();
});

/** Parses the body where the schema step comes: after authentication and area. */
export const jsonBody: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const bytes = c.get('body');
  parseJsonBody(bytes, c.req.header('Content-Type'));
  const headers = new Headers(c.req.raw.headers);
  headers.set('Content-Type', 'application/json');
  headers.delete('Content-Length');
  c.req.raw = new Request(c.req.url, {
    method: c.req.method,
    headers,
    body: bytes.byteLength > 0 ? bytes : '{}',
  });
  await next();
};

/** An operation that reads no body still refuses one that is no JSON. */
export const anyBody: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  parseJsonBody(c.get('body'), c.req.header('Content-Type'));
  await next();
};

/** The JSON value of a body. An empty one counts as `{}`. Faults are 400 at path `body`. */
export function parseJsonBody(bytes: Uint8Array<ArrayBuffer>, contentType: string | undefined): unknown {
  if (bytes.byteLength === 0) return {};
  if (!isJson(contentType)) throw invalid('body', 'Content-Type must be application/json');
  const value = parse(bytes);
  checkShape(value);
  return value;
}

export function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

function parse(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw invalid('body', 'is not valid JSON in UTF-8');
  }
}

/**
 * Refuses what JSON allows and storage would change or choke on: lone surrogates (stored as U+FFFD, two texts
 * become one), NUL, and depth. Walks layer by layer, since depth is what is being measured.
 */
function checkShape(value: unknown): void {
  let layer: unknown[] = [value];
  for (let level = 0; layer.length > 0; level += 1) {
    if (level > MOST_LEVELS) throw invalid('body', `is nested more than ${MOST_LEVELS} levels deep`);
    layer = layer.flatMap((one) => {
      if (typeof one === 'string') checkText(one);
      if (typeof one !== 'object' || one === null) return [];
      for (const key of Object.keys(one)) checkText(key);
      return Object.values(one);
    });
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed() || text.includes('\0')) {
    throw invalid('body', 'has a text with a lone surrogate or a NUL character');
  }
}
