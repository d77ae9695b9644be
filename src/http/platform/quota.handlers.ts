import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import { getUsage, getUsageByKey, UsageQuery } from '#flows/quota/get-usage';
import {
  ConsumeInput,
  consume,
  ReserveInput,
  readQuota,
  release,
  reserve,
  SettleInput,
  settle,
} from '#flows/quota/meter';
import { quotaOwnerOf, requirePerson } from '#kernel/actor';
import { AppError, type ErrorDetail } from '#kernel/errors';
import type { Admission, Denied, LimitReading, QuotaReading, Refusal, Settlement } from '#kernel/quota';
import { authenticated } from '../shared/access.ts';
import { parseJsonBody } from '../shared/body.ts';
import { faultsOf } from '../shared/faults.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { byKey } from './by-key.ts';
import { limitHeaders, toBlocking, toExpiry, toLimit, toUsage } from './quota.mapper.ts';
import * as routes from './quota.routes.ts';

type Outcome = Admission | Refusal | Settlement | Denied | QuotaReading;

/**
 * The machine path. Documented like every operation, but served by a lean chain of its own: authentication
 * and counting are one call to one object, and nothing here asks D1.
 */
export function serveQuota(app: OpenAPIHono<SurfaceEnv>): void {
  for (const { route, contract } of Object.values(routes)) {
    app.openAPIRegistry.registerPath(route);
    app.on(contract.method, [served({ contract })], ...authenticated(contract.access));
  }

  app.post(served(routes.reserve), async (c) => {
    const input = () => bodyOf(c, ReserveInput);
    const result = expect(c, await byKey(c, (key) => reserve(c.get('ctx'), key, input)));
    const data = {
      reservation_id: result.wireId,
      tokens: result.reservation.tokens,
      expires_at: toExpiry(result.reservation.expiresAt),
      limits: result.limits.map(toLimit),
      priority: result.priority,
      token_discount: result.tokenDiscount,
    };
    return c.json({ code: 0, data }, 201);
  });

  app.post(served(routes.settle), async (c) => {
    const input = () => bodyOf(c, SettleInput);
    const id = c.req.param('reservation_id') ?? '';
    const result = expect(c, await byKey(c, (key) => settle(c.get('ctx'), key, id, input)));
    const { reserved, settled } = result;
    const data = {
      reservation_id: id,
      reserved,
      settled,
      status: 'settled',
      limits: result.limits.map(toLimit),
    };
    return c.json({ code: 0, data });
  });

  app.delete(served(routes.release), async (c) => {
    const id = c.req.param('reservation_id') ?? '';
    const result = expect(c, await byKey(c, (key) => release(c.get('ctx'), key, id)));
    const data = {
      reservation_id: id,
      status: 'released',
      limits: result.limits.map(toLimit),
    };
    return c.json({ code: 0, data });
  });

  app.post(served(routes.consume), async (c) => {
    const input = () => bodyOf(c, ConsumeInput);
    const result = expect(c, await byKey(c, (key) => consume(c.get('ctx'), key, input)));
    const data = {
      request_id: input().request_id,
      tokens: result.reservation.tokens,
      status: 'settled',
      limits: result.limits.map(toLimit),
    };
    return c.json({ code: 0, data });
  });

  app.get(served(routes.read), async (c) => {
    const result = expect(
      c,
      await (c.get('apiKey') ? byKey(c, (key) => readQuota(c.get('ctx'), key)) : own(c)),
    );
    const data = { limits: result.limits.map(toLimit), expired_today: result.expiredToday };
    return c.json({ code: 0, data });
  });

  app.get(served(routes.usage), async (c) => {
    const ctx = c.get('ctx');
    const input = () => queryOf(c, UsageQuery);
    const report = await (c.get('apiKey')
      ? byKey(c, (key) => getUsageByKey(ctx, key, input))
      : getUsage(ctx, input()));
    return c.json({ code: 0, data: toUsage(report) });
  });
}

/** Reads the query where the schema step comes: after authentication. */
function queryOf<T extends z.ZodType>(c: Context<SurfaceEnv>, schema: T): z.output<T> {
  const parsed = schema.safeParse(c.req.query());
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', { faults: faultsOf(parsed.error, c.get('ctx').locale, 'query') });
}

/** The contract's path as the router writes it. */
function served({ contract }: { contract: { path: string } }): string {
  return contract.path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** A person reads the limits that they draw on: their enterprise's pool and their cap, else their own plan's. */
function own(c: Context<SurfaceEnv>): Promise<QuotaReading | Denied> {
  const { quota, site, actor } = c.get('ctx');
  const person = requirePerson(actor);
  return quota.read({ site: site.key, owner: quotaOwnerOf(person) }, { userId: person.userId });
}

/** The wanted outcome with its headers; a refusal or denial is thrown, with the same headers. */
function expect<T extends Outcome>(c: Context<SurfaceEnv>, result: T): Exclude<T, Refusal | Denied> {
  setHeaders(c, result.limits);
  if ('outcome' in result && result.outcome === 'refused') {
    const refusal = result as Refusal;
    throw new AppError('quota_exceeded', { data: toBlocking(refusal), retryAfter: refusal.retryAfter });
  }
  if ('outcome' in result && result.outcome === 'denied') {
    const { code } = result as Denied;
    throw new AppError(code, DENIAL_DETAILS[code]);
  }
  return result as Exclude<T, Refusal | Denied>;
}

const DENIAL_DETAILS: Partial<Record<Denied['code'], ErrorDetail>> = {
  model_required: { faults: [{ path: 'model', message: 'is required by this plan' }] },
  quota_never_fits: { faults: [{ path: 'tokens', message: 'is more than the plan ever allows' }] },
};

function setHeaders(c: Context<SurfaceEnv>, limits: LimitReading[]): void {
  for (const [name, value] of Object.entries(limitHeaders(limits))) c.header(name, value);
}

function bodyOf<T extends z.ZodType>(c: Context<SurfaceEnv>, schema: T): z.output<T> {
  const parsed = schema.safeParse(parseJsonBody(c.get('body'), c.req.header('Content-Type')));
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', { faults: faultsOf(parsed.error, c.get('ctx').locale, 'json') });
}
