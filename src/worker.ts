import { systemClock } from '#kernel/clock';
import type { Services } from '#kernel/services';
import { sendEmailMail } from '#providers/mail/send-email';
import { QuotaObjectBase, type QuotaObjectPorts } from '#quota/object';
import { handle } from './app.ts';
import { bindServices, quotaPorts } from './bind.ts';
import { type Env, parseSettings } from './env.ts';
import { runJobs } from './jobs/index.ts';

let services: Services | null = null;

function servicesOf(env: Env): Services {
  if (services) return services;
  const settings = parseSettings(env);
  services = bindServices({
    env,
    settings,
    clock: systemClock,
    mail: () => sendEmailMail(env.EMAIL, settings.mailFrom),
    paymentProviders: [],
  });
  return services;
}

/** The quota object of the deployed Worker. */
export class QuotaObject extends QuotaObjectBase {
  private bound: QuotaObjectPorts | null = null;

  protected override ports(): QuotaObjectPorts {
    const env = this.env as Env;
    this.bound ??= quotaPorts(env, parseSettings(env), systemClock);
    return this.bound;
  }
}

export default {
  fetch: (request, env, execution) => handle(request, servicesOf(env), execution),
  scheduled: (controller, env, execution) => runJobs(controller.cron, servicesOf(env), execution),
} satisfies ExportedHandler<Env>;
