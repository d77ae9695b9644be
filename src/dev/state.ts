/** Small things that only local runs keep, in tables that no migration knows. */
export class DevState {
  private readonly db: D1Database;
  private made: Promise<unknown> | null = null;

  constructor(db: D1Database) {
    this.db = db;
  }

  async get(name: string): Promise<string | null> {
    await this.tables();
    const row = await this.db
      .prepare('select value from dev_state where name = ?')
      .bind(name)
      .first<{ value: string }>();
    return row?.value ?? null;
  }

  async put(name: string, value: string): Promise<void> {
    await this.tables();
    await this.db
      .prepare(
        'insert into dev_state (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      )
      .bind(name, value)
      .run();
  }

  async addMail(mail: { to: string; subject: string; text: string; sentAt: string }): Promise<void> {
    await this.tables();
    await this.db
      .prepare('insert into dev_mail (recipient, subject, text, sent_at) values (?, ?, ?, ?)')
      .bind(mail.to, mail.subject, mail.text, mail.sentAt)
      .run();
  }

  /** Mails sent, newest first; `to` is compared regardless of case. */
  async mails(to: string | null): Promise<{ to: string; subject: string; text: string; sent_at: string }[]> {
    await this.tables();
    const { results } = await this.db
      .prepare(
        `select recipient as "to", subject, text, sent_at from dev_mail
         where ?1 is null or lower(recipient) = lower(?1) order by id desc limit 200`,
      )
      .bind(to)
      .all<{ to: string; subject: string; text: string; sent_at: string }>();
    return results;
  }

  private tables(): Promise<unknown> {
    this.made ??= this.db.batch([
      this.db.prepare('create table if not exists dev_state (name text primary key, value text not null)'),
      this.db.prepare(
        `create table if not exists dev_mail (
           id integer primary key, recipient text not null, subject text not null, text text not null,
           sent_at text not null)`,
      ),
    ]);
    return this.made;
  }
}
