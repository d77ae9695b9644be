import { createContext, type Services } from '#kernel/services';
import { askAndClose } from './close-orders.ts';
import { drainPushQueue } from './drain-pushes.ts';
import type { Job } from './job.ts';
import { prune } from './prune.ts';
import { resealPapers } from './reseal-papers.ts';
import { rotateKeys } from './rotate-keys.ts';
import { runProfits } from './run-profits.ts';
import { sendMail } from './send-mail.ts';
import { sendRefunds } from './send-refunds.ts';
import { creditDueRewards, promoteMembers } from './settle-tiers.ts';
import { sweepMemberships } from './sweep-memberships.ts';

const EVERY_MINUTE = { drainPushQueue };
const EVERY_FIVE_MINUTES = {
  sendRefunds,
  askAndClose,
  sweepMemberships,
  creditDueRewards,
  promoteMembers,
  runProfits,
  sendMail,
};
const EVERY_HOUR = { rotateKeys, resealPapers, prune };

/** By the cron expressions of `wrangler.toml`; the empty one is a local run asking for all of them. */
const SCHEDULE: Record<string, Record<string, Job>> = {
  '* * * * *': EVERY_MINUTE,
  '*/5 * * * *': EVERY_FIVE_MINUTES,
  '0 * * * *': EVERY_HOUR,
  '': { ...EVERY_MINUTE, ...EVERY_HOUR, ...EVERY_FIVE_MINUTES },
};

/** Runs what a cron expression stands for, on every site. One job that fails does not keep the others from running. */
export async function runJobs(cron: string, services: Services, execution: ExecutionContext): Promise<void> {
  const jobs = SCHEDULE[cron];
  if (!jobs) {
    services.log.error('jobs.unknown', new Error('an unknown cron expression did nothing'), { cron });
    return;
  }
  for (const site of services.sites) {
    for (const [name, job] of Object.entries(jobs)) {
      const requestId = services.ids.next('job', services.clock.now());
      const ctx = createContext(services, {
        site,
        actor: { kind: 'system' },
        address: null,
        requestId,
        locale: 'zh',
        defer: (work) => execution.waitUntil(work),
      });
      try {
        await job(ctx);
      } catch (error) {
        services.log.error('job.failed', error, { job: name, site: site.key, requestId });
      }
    }
  }
}
