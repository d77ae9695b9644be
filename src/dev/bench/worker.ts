import { DurableObject } from 'cloudflare:workers';
import { systemClock } from '#kernel/clock';
import type { Admission, QuotaPort, QuotaReading, Settlement } from '#kernel/quota';
import type { Services } from '#kernel/services';
import { sendEmailMail } from '#providers/mail/send-email';
import { handle } from '../../app.ts';
import { bindServices } from '../../bind.ts';
import { type Env, parseSettings } from '../../env.ts';
import sluice, { QuotaObject as DeployedObject } from '../../worker.ts';
import { MeteredD1 } from '../metered-d1.ts';

/** The deployed object, which also tells how many rows it wrote. */
export class QuotaObject extends DeployedObject {
  rowsWritten(): number {
    return this.journal.rowsWritten;
  }
}

/** What is measured: Sluice itself, that with its D1 metered, its stack over an idle object, or such an object alone. */
type Subject = 'sluice' | 'metered' | 'stack' | 'bare';

interface BenchEnv extends Env {
  BENCH: Subject;
  NOOP: DurableObjectNamespace<NoopObject>;
}

const READING = {
  scope: 'enterprise' as const,
  metric: 'tpm' as const,
  limit: 2_000_000,
  used: 0,
  reserved: 10,
  remaining: 1_999_990,
  resetAt: 0,
  growsIn: 61,
};
const RESERVATION = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  tokens: 10,
  userId: 'u_01KA0000000000000000000000',
  keyId: 'key_01KA0000000000000000000000',
  model: null,
  test: false,
  madeAt: 1_780_000_000_000,
  expiresAt: 1_780_000_600_000,
};

/** Answers in the shape of the real one, and does nothing. */
export class NoopObject extends DurableObject {
  reserve(): Admission {
    return {
      outcome: 'admitted',
      reservation: RESERVATION,
      limits: [READING],
      priority: 'P0',
      tokenDiscount: null,
    };
  }
  settle(): Settlement {
    return { outcome: 'settled', reserved: 10, settled: 10, limits: [READING] };
  }
  read(): QuotaReading {
    return { limits: [READING], expiredToday: 0, settledThisMonth: 0 };
  }
}

/** `GET /bench/rows/{owner}`: rows that an owner's object wrote since it started. */
const ROWS = '/bench/rows/';

/** `GET /bench/d1`: the calls of D1 until now, and the rows they read. */
const METER = '/bench/d1';

let meter: MeteredD1 | null = null;
let stack: Services | null = null;

/** Everything as deployed but the object. */
function stackOf(env: BenchEnv): Services {
  if (stack) return stack;
  const settings = parseSettings(env);
  const mail = () => sendEmailMail(env.EMAIL, settings.mailFrom);
  const services = bindServices({ env, settings, clock: systemClock, mail, paymentProviders: [] });
  const stub = (owner: string) => env.NOOP.get(env.NOOP.idFromName(owner)) as unknown as NoopObject;
  const quota = {
    reserve: async ({ owner }: { owner: string }) => stub(owner).reserve(),
    settle: async ({ owner }: { owner: string }) => stub(owner).settle(),
    read: async ({ owner }: { owner: string }) => stub(owner).read(),
  };
  stack = { ...services, quota: quota as unknown as QuotaPort };
  return stack;
}

/** Hashes the header, calls the object, answers. */
async function bare(request: Request, env: BenchEnv): Promise<Response> {
  const header = request.headers.get('Authorization') ?? '';
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(header));
  const owner = Buffer.from(digest).toString('hex');
  const stub = env.NOOP.get(env.NOOP.idFromName(owner)) as unknown as NoopObject;
  if (request.method === 'GET') return Response.json(await stub.read());
  await request.json();
  return Response.json(await (request.url.endsWith('/settle') ? stub.settle() : stub.reserve()));
}

export default {
  async fetch(request, env, execution) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(ROWS)) {
      const id = env.QUOTA.idFromName(`default:${pathname.slice(ROWS.length)}`);
      return Response.json(await (env.QUOTA.get(id) as unknown as QuotaObject).rowsWritten());
    }
    if (env.BENCH === 'bare') return bare(request, env);
    if (env.BENCH === 'metered') {
      meter ??= new MeteredD1(env.DB_DEFAULT as D1Database);
      if (pathname === METER) return Response.json({ calls: meter.calls, rowsRead: meter.rowsRead });
      return sluice.fetch(request, { ...env, DB_DEFAULT: meter.binding }, execution);
    }
    if (env.BENCH === 'stack') return handle(request, stackOf(env), execution);
    return sluice.fetch(request, env, execution);
  },
} satisfies ExportedHandler<BenchEnv>;
