import { env } from 'cloudflare:test';
import { expect } from 'vitest';
import { type Cost, MeteredD1 } from '../../src/dev/metered-d1.ts';
import { type Answer, Client, type Send } from './client.ts';
import { documented } from './contract.ts';
import { doorWith } from './doors.ts';

const { DB_DEFAULT } = env as unknown as { DB_DEFAULT: D1Database };

interface Ask extends Send {
  /** What the parameters of the path are. */
  ids?: Record<string, string>;
  query?: Record<string, string>;
}

/** Asks for operations by their ids, each so that it goes well, and keeps what the first of each cost. */
export class Tour {
  readonly costs = new Map<string, Cost>();
  readonly client: Client;
  private readonly metered = new MeteredD1(DB_DEFAULT);

  constructor() {
    this.client = new Client({ door: doorWith({ DB_DEFAULT: this.metered.binding }) });
  }

  /** Sends the document's example, or a body of the tour's own. Gives the data, or the whole of a bare body. */
  // biome-ignore lint/suspicious/noExplicitAny: a tour reaches into bodies of every shape
  async ask(id: string, { ids = {}, query = {}, ...send }: Ask = {}): Promise<any> {
    const operation = documented.find((one) => one.id === id);
    if (!operation) throw new Error(`there is no ${id}`);
    const { method, template, body: example } = operation;
    const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (ids[name] === undefined) throw new Error(`${id} needs ${name}`);
      return encodeURIComponent(ids[name]);
    });
    const search = new URLSearchParams(query).toString();
    const path = search === '' ? filled : `${filled}?${search}`;
    const sends = method !== 'GET' && send.raw === undefined;
    const { result, ...cost } = await this.metered.during(() =>
      this.client.send(method, path, { ...(sends ? { body: example ?? {} } : {}), ...send }),
    );
    expectDone(id, result);
    if (!this.costs.has(id)) this.costs.set(id, cost);
    return result.body?.data ?? result.body;
  }

  /** A table of what was asked for, in the order of its names. */
  table(): string {
    const rows = [...this.costs].sort(([a], [b]) => a.localeCompare(b));
    const lines = rows.map(
      ([id, { calls, queries, rowsRead }]) =>
        `${id.padEnd(34)}${column(calls)}${column(queries)}${column(rowsRead)}`,
    );
    return [`${'operation'.padEnd(34)}   calls queries    rows`, ...lines, ''].join('\n');
  }
}

const column = (value: number) => String(value).padStart(8);

function expectDone(id: string, { status, body }: Answer): void {
  const told = `${id}: ${status} ${JSON.stringify(body)}`;
  expect(status, told).toBeLessThan(300);
  // ShopXO's front ends read the code in the body.
  if (typeof body?.code === 'number') expect(body.code, told).toBe(0);
}
