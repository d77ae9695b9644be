import { toIso } from '#kernel/clock';
import type { Services } from '#kernel/services';
import type { Site } from '#kernel/site';
import { sendEmailMail } from '#providers/mail/send-email';
import { QuotaObjectBase, type QuotaObjectPorts } from '#quota/object';
import { handle } from '../app.ts';
import { bindServices, quotaPorts } from '../bind.ts';
import { databaseOf, type Env, parseSettings, type Settings } from '../env.ts';
import { runJobs } from '../jobs/index.ts';
import { TestClock } from './clock.ts';
import { devRoutes } from './routes.ts';
import { sandboxProvider } from './sandbox.ts';
import { DevState } from './state.ts';

/** One clock for the isolate: Worker, cron and objects. */
const clock = new TestClock();

interface Local {
  settings: Settings;
  services: Services;
  state: DevState;
  routes: ReturnType<typeof devRoutes>;
}

let local: Local | null = null;

/** The local run's Worker: the deployed one with a test clock, the sandbox provider and `/dev/*`. */
async function localOf(env: Env): Promise<Local> {
  local ??= bindLocal(env);
  await clock.load(local.state);
  return local;
}

function bindLocal(env: Env): Local {
  const settings = parseSettings(env);
  const sandboxSecret = variable(env, 'SANDBOX_SECRET');
  const mailboxes = new Map(settings.sites.map((site) => [site.key, new DevState(databaseOf(env, site))]));
  const mailbox = (key: string): DevState => {
    const found = mailboxes.get(key);
    if (!found) throw new Error(`no mailbox for the unknown site ${key}`);
    return found;
  };
  const state = mailbox('default');
  const mail = (site: Site) => ({
    send: async (message: { to: string; subject: string; text: string }) => {
      await sendEmailMail(env.EMAIL, settings.mailFrom).send(message);
      await mailbox(site.key).addMail({ ...message, sentAt: toIso(clock.now()) });
    },
  });
  const services = bindServices({
    env,
    settings,
    clock,
    mail,
    paymentProviders: [sandboxProvider(sandboxSecret, mailbox)],
  });
  const demo = { keySecret: variable(env, 'DEMO_KEY_SECRET'), password: variable(env, 'DEMO_PASSWORD') };
  return { settings, services, state, routes: devRoutes({ clock, sandboxSecret, demo, state, mailbox }) };
}

function variable(env: Env, name: string): string {
  const value = env[name];
  if (typeof value !== 'string' || value === '')
    throw new Error(`${name} is not set (npm start writes .dev.vars)`);
  return value;
}

/** The quota object on the test clock, which is loaded before anything else, overdue alarms included. */
export class QuotaObject extends QuotaObjectBase {
  private bound: QuotaObjectPorts | null = null;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.blockConcurrencyWhile(async () => {
      const { settings } = await localOf(env);
      this.bound = quotaPorts(env, settings, clock);
    });
  }

  protected override ports(): QuotaObjectPorts {
    if (!this.bound) throw new Error('a quota object was used before it was bound');
    return this.bound;
  }
}

export default {
  async fetch(request, env, execution) {
    const { services, routes } = await localOf(env);
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/dev/')
      ? routes.fetch(request, services, execution)
      : handle(request, services, execution);
  },
  async scheduled(controller, env, execution) {
    const { services } = await localOf(env);
    await runJobs(controller.cron, services, execution);
  },
} satisfies ExportedHandler<Env>;
