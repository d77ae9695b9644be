import type { Context } from 'hono';
import { invalid } from '#kernel/errors';
import { isJson, parseJsonBody } from '../shared/body.ts';
import type { SurfaceEnv } from '../shared/surface.ts';

/** What a front end sent, by name: its query and over it its body, all as texts. */
export type Parameters = ReadonlyMap<string, string>;

/** Reads form-encoded, multipart and JSON bodies alike. What is sent as nothing is nothing. */
export async function readParameters(c: Context<SurfaceEnv>): Promise<Parameters> {
  const query = new URL(c.req.url).searchParams;
  const all = new Map<string, string>(query);
  const type = c.req.header('Content-Type');
  const bytes = c.get('body');
  if (bytes.byteLength === 0) return checked(all);
  if (isJson(type)) {
    const body = parseJsonBody(bytes, type);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw invalid('body', 'must be an object');
    }
    for (const [name, value] of Object.entries(body)) {
      // What is no text is no parameter, as a form could not send it.
      if (value !== null && typeof value !== 'object') all.set(name, String(value));
    }
    return checked(all);
  }
  if (/^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type ?? '')) {
    for (const [name, value] of await readForm(bytes, type ?? '')) {
      if (typeof value === 'string') all.set(name, value);
    }
    return checked(all);
  }
  throw invalid('body', 'must be a form or JSON');
}

async function readForm(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'Content-Type': type } }).formData();
  } catch {
    throw invalid('body', 'is not a valid form');
  }
}

function checked(all: Map<string, string>): Parameters {
  for (const [name, value] of all) {
    if (value.length <= 4096 && value.isWellFormed() && !value.includes('\0')) continue;
    // A token that nobody could have is nobody's.
    if (name === 'token') all.set(name, 'unreadable');
    else throw invalid(name.slice(0, 64), 'is too long, or no text that can be read');
  }
  return all;
}

/** A parameter, empty where it was not sent. */
export function textOf(parameters: Parameters, name: string): string {
  return (parameters.get(name) ?? '').trim();
}

/** A whole number of `least` or more; `standard` where nothing was sent. */
export function countOf(parameters: Parameters, name: string, standard: number, least = 1): number {
  const text = textOf(parameters, name);
  if (text === '') return standard;
  if (!/^-?\d{1,9}$/.test(text) || Number(text) < least) throw invalid(name, 'must be a whole number');
  return Number(text);
}
