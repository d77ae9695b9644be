import { customType, integer, text } from 'drizzle-orm/sqlite-core';

/** Epoch milliseconds, cut to the second by the clock that made them. Columns of this type end in `_at`. */
export const at = (name: string) => integer(name);

/** An integer number of minor units (cents). */
export const minorUnits = (name: string) => integer(name);

/** 0 or 1 in SQLite, a boolean in TypeScript. */
export const flag = (name: string) => integer(name, { mode: 'boolean' });

/** JSON kept as text; the type is a promise of the writer, so only verbs that validated it may write it. */
export const json = <T>(name: string) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => JSON.parse(value) as T,
  })(name);

/** A prefixed, sortable id such as `u_01HX…`. */
export const prefixedId = (name = 'id') => text(name).notNull().unique();

/** A serial that is never given twice, also after its row is gone: what surfaces with numeric ids show. */
export const serial = () => integer('serial').primaryKey({ autoIncrement: true });
