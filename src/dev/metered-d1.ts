/** What a statement of D1 did. */
export interface Did {
  sql: string;
  rowsRead: number;
  /** Rows written; of a write that gives rows back, those. */
  changes: number;
}

interface Watch {
  /** Before each call (a batch is one); throws where the database is to be away. */
  before?: () => void;
  done: (did: Did) => void;
  /** Drizzle reads rows without their names, which come without what they cost: then they are asked again for it. */
  costs: boolean;
}

/** A D1 database as a binding whose statements are told of. */
export function watchedD1(db: D1Database, { before = () => {}, done, costs }: Watch): D1Database {
  const told = new WeakMap<D1PreparedStatement, { statement: D1PreparedStatement; sql: string }>();

  function watched(statement: D1PreparedStatement, sql: string): D1PreparedStatement {
    const reads = /^\s*(select|with)/i.test(sql);
    const wrapped = new Proxy(statement, {
      get: (target, name) => {
        if (name === 'bind') return (...values: unknown[]) => watched(target.bind(...values), sql);
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]) => {
          before();
          const bare = name === 'raw' || name === 'first';
          const again = bare && reads && costs ? (await target.all()).meta : null;
          const result: { meta?: D1Meta } | null = await Reflect.apply(member, target, parameters);
          const meta = again ?? (bare ? undefined : result?.meta);
          const rows = Array.isArray(result) ? result.length : Number(result !== null);
          done({ sql, rowsRead: meta?.rows_read ?? 0, changes: reads ? 0 : (meta?.changes ?? rows) });
          return result;
        };
      },
    });
    told.set(wrapped, { statement, sql });
    return wrapped;
  }

  const batch = async (statements: D1PreparedStatement[]) => {
    before();
    const known = statements.map((one) => told.get(one) ?? { statement: one, sql: '' });
    const results = await db.batch(known.map(({ statement }) => statement));
    for (const [index, { meta }] of results.entries()) {
      const { sql } = known[index] ?? { sql: '' };
      done({ sql, rowsRead: meta.rows_read ?? 0, changes: meta.changes ?? 0 });
    }
    return results;
  };

  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return (sql: string) => watched(db.prepare(sql), sql);
      if (name === 'batch') return batch;
      return Reflect.get(target, name);
    },
  });
}

/** What an operation asks of D1. */
export interface Cost {
  /** Round trips: a batch is one. */
  calls: number;
  queries: number;
  rowsRead: number;
}

/** A D1 database as a binding that counts what is asked of it, and dies when it is told to. */
export class MeteredD1 implements Cost {
  calls = 0;
  queries = 0;
  rowsRead = 0;
  /** How often it was away when it was called. */
  deaths = 0;
  /** Calls that still go well; null = all of them. */
  left: number | null = null;
  readonly binding: D1Database;

  constructor(db: D1Database) {
    this.binding = watchedD1(db, {
      costs: true,
      before: () => this.spend(),
      done: ({ rowsRead }) => {
        this.queries += 1;
        this.rowsRead += rowsRead;
      },
    });
  }

  /** What an operation costs, and what it gave. */
  async during<T>(operation: () => Promise<T>): Promise<Cost & { result: T }> {
    const { calls, queries, rowsRead } = this;
    const result = await operation();
    return {
      calls: this.calls - calls,
      queries: this.queries - queries,
      rowsRead: this.rowsRead - rowsRead,
      result,
    };
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
    if (this.left === 0) {
      this.deaths += 1;
      throw new Error('D1_ERROR: the database went away');
    }
    this.left -= 1;
  }
}
