import { env, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type QuotaJournal, sqlJournal } from '#quota/journal';
import type { QuotaObjectBase } from '#quota/object';
import { MemoryJournal } from '../support/memory-journal.ts';
import { operations, ruleSets, teams } from './operations.ts';
import { Race } from './race.ts';

interface Disk {
  journal: QuotaJournal;
  dump: () => string;
}

function raceOf(disk: () => Disk, ahead: boolean, numRuns: number): void {
  const scripts = fc.array(operations, { maxLength: 100, size: 'max' });
  fc.assert(
    fc.property(teams, ruleSets, fc.nat(999), scripts, (team, rules, phase, script) => {
      const race = new Race({ ...disk(), ahead, team, rules, phase });
      for (const operation of script) race.run(operation);
      race.finish();
    }),
    { numRuns },
  );
}

function memory(): Disk {
  const journal = new MemoryJournal();
  return { journal, dump: () => journal.dump() };
}

const TABLES = ['state', 'ended', 'held'];

function sqlite(sql: SqlStorage): Disk {
  for (const table of TABLES) sql.exec(`drop table if exists ${table}`);
  const dump = () => TABLES.map((table) => sql.exec(`select * from ${table} order by 1`).toArray());
  return { journal: sqlJournal(sql), dump: () => JSON.stringify(dump()) };
}

describe.each([
  { how: 'written each time', ahead: false },
  { how: 'written ahead', ahead: true },
])('the engine does what the model says, whatever happens, $how', ({ ahead }) => {
  it('in memory', () => raceOf(memory, ahead, 300));

  it('in an object’s SQLite', async () => {
    const { QUOTA } = env as unknown as { QUOTA: DurableObjectNamespace<QuotaObjectBase> };
    const object = QUOTA.get(QUOTA.idFromName(`default:race-${ahead}`));
    await runInDurableObject(object, (_, { storage: { sql } }) => raceOf(() => sqlite(sql), ahead, 25));
  });
});
