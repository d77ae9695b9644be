/** A D1 database as a binding that counts its calls and the rows they read, and dies when it is told to. */
export class MeteredD1 {
  /** A batch is one. */
  calls = 0;
  rowsRead = 0;
  /** Calls that still go well; null = all of them. */
  left: number | null = null;

  private readonly db: D1Database;

  constructor(db: D1Database) {
    this.db = db;
  }

  get binding(): D1Database {
    const prepare = (sql: string) => this.metered(this.db.prepare(sql), /^\s*(select|with)/i.test(sql));
    const batch = async (statements: D1PreparedStatement[]) => {
      this.spend();
      const results = await this.db.batch(statements.map((one) => originals.get(one) ?? one));
      for (const { meta } of results) this.rowsRead += meta.rows_read ?? 0;
      return results;
    };
    return new Proxy(this.db, {
      get: (target, name) => {
        if (name === 'prepare') return prepare;
        if (name === 'batch') return batch;
        return Reflect.get(target, name);
      },
    });
  }

  /** What an operation reads. */
  async during(operation: () => Promise<unknown>): Promise<number> {
    const before = this.rowsRead;
    await operation();
    return this.rowsRead - before;
  }

  /** Runs an operation whose database goes away after so many calls. */
  async dyingAfter(calls: number, operation: () => Promise<unknown>): Promise<void> {
    this.left = calls;
    try {
      await operation();
    } finally {
      this.left = null;
    }
  }

  private spend(): void {
    this.calls += 1;
    if (this.left === null) return;
    if (this.left === 0) throw new Error('D1_ERROR: the database went away');
    this.left -= 1;
  }

  private metered(statement: D1PreparedStatement, reads: boolean): D1PreparedStatement {
    const wrapped = new Proxy(statement, {
      get: (target, name) => {
        if (name === 'bind') return (...values: unknown[]) => this.metered(target.bind(...values), reads);
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]) => {
          this.spend();
          // Rows without their names come without what they cost: a reading is asked again for it.
          if ((name === 'raw' || name === 'first') && reads)
            this.rowsRead += (await target.all()).meta.rows_read;
          const result: { meta?: D1Meta } | null = await Reflect.apply(member, target, parameters);
          this.rowsRead += result?.meta?.rows_read ?? 0;
          return result;
        };
      },
    });
    originals.set(wrapped, statement);
    return wrapped;
  }
}

const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
