import { env } from 'cloudflare:test';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';
import { doorWith } from '../support/doors.ts';
import {
  COMPANY,
  dataOf,
  decide,
  invited,
  newOwner,
  REALNAME,
  submitCompany,
  submitRealname,
} from '../support/enterprises.ts';
import { type Human, newHuman, newRegistered } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const ADMIN = '/admin/v1/verifications';

/** A database that fails a batch while the test says so. */
let down = false;
const DB_DEFAULT = new Proxy(bindings.DB_DEFAULT, {
  get(target, name) {
    const member = Reflect.get(target, name);
    if (typeof member !== 'function') return member;
    if (name !== 'batch') return member.bind(target);
    return (statements: D1PreparedStatement[]) =>
      down ? Promise.reject(new Error('D1_ERROR: the database is down')) : target.batch(statements);
  },
});

describe('an identity number or credit code', () => {
  /** All that was answered, headers too, but for what an admin asked to read decrypted. */
  const answered: string[] = [];
  const logged: string[] = [];
  const door = doorWith({ DB_DEFAULT });
  const client = new Client({
    door: async (request) => {
      const response = await door(request);
      const decrypted = request.method === 'GET' && /verifications\/ver_\w+$/.test(request.url);
      if (!decrypted) {
        answered.push(JSON.stringify([...response.headers]), await response.clone().text());
      }
      return response;
    },
  });
  let admin = '';
  let person: Human;
  let owner: Human;

  beforeAll(async () => {
    admin = await client.admin();
    person = await newHuman(client);
    owner = await newOwner(client);
  });

  beforeEach(() => {
    answered.length = 0;
    logged.length = 0;
    for (const level of ['log', 'error', 'warn', 'info', 'debug'] as const) {
      vi.spyOn(console, level).mockImplementation((...words: unknown[]) => {
        logged.push(words.map((word) => `${word instanceof Error ? word.stack : word}`).join(' '));
      });
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const read = async (id: string) => client.get(`${ADMIN}/${id}`, { token: admin });
  const tokens = () => ({ person: { token: person.token }, owner: { token: owner.token } });

  /** Every place that must not have a number, searched for it in any case. */
  async function expectNowhere(numbers: string[]): Promise<void> {
    const places = {
      logs: logged.join('\n'),
      answers: answered.join('\n'),
      rows: (await everyRow()).join('\n'),
      kv: await everyValue(),
    };
    for (const [place, text] of Object.entries(places)) {
      for (const number of numbers) {
        expect(text.toUpperCase().includes(number.toUpperCase()), `${number} in ${place}`).toBe(false);
        expect(text.includes(btoa(number)), `${number} in ${place}, Base64`).toBe(false);
      }
    }
  }

  it('is nowhere but in the admin’s decrypted detail, through a whole life', async () => {
    const [id_card, credit_code, changed] = [
      '11010119880808701x',
      '91310000ma1leaks00',
      '92310000MA1LEAKS99',
    ];
    const headers = { 'Idempotency-Key': 'leak-1' };
    const { person: me, owner: boss } = tokens();
    const papers = { ...REALNAME, id_card };
    const post = (path: string, body: object, send: object) =>
      client.post(`/api/v1/users/me/verify/${path}`, body, { headers, ...send });
    const [realname, company] = [
      dataOf(await post('realname', papers, me)).verification_id,
      dataOf(await post('enterprise', { ...COMPANY, credit_code }, boss)).verification_id,
    ];
    expect((await post('realname', papers, me)).headers.get('Idempotent-Replayed')).toBe('true');
    expectError(await submitRealname(client, me.token, { id_card }), 409, 'verification_open');

    // The one place that shows them: the search below would find them there.
    expect(JSON.stringify(dataOf(await read(realname)))).toContain(id_card.toUpperCase());
    expect(JSON.stringify(dataOf(await read(company)))).toContain(credit_code.toUpperCase());

    for (const id of [realname, company]) dataOf(await decide(client, admin, id, 'approve'));
    const change = { credit_code: changed, license_image: COMPANY.license_image };
    dataOf(await client.put('/api/v1/enterprise/profile', change, boss));
    for (const path of ['users/me', 'users/me/export', 'users/me/verify/realname']) {
      dataOf(await client.get(`/api/v1/${path}`, me));
    }
    for (const path of ['enterprise/profile', 'enterprise/members', 'users/me/export']) {
      dataOf(await client.get(`/api/v1/${path}`, boss));
    }
    for (const path of ['verifications', 'users', 'enterprises', 'audit-logs']) {
      dataOf(await client.get(`/admin/v1/${path}?page_size=100`, { token: admin }));
    }
    dataOf(await decide(client, admin, realname, 'revoke'));
    expect(answered.length).toBeGreaterThan(20);
    await expectNowhere([id_card, credit_code, changed]);
  });

  it('is not repeated by a refusal', async () => {
    const numbers = ['110101198702309876', '11010119870101987', '91310000-LEAKS-02'];
    const [impossible, short, malformed] = numbers as [string, string, string];
    const { person: me, owner: boss } = tokens();
    for (const id_card of [impossible, short]) {
      expectError(await submitRealname(client, me.token, { id_card }), 400, 'invalid_input');
    }
    expectError(await submitCompany(client, boss.token, { credit_code: malformed }), 400, 'invalid_input');
    const raw = `{"id_card": "${impossible}", "real_name": `;
    const headers = { 'Content-Type': 'application/json' };
    const broken = await client.send('POST', '/api/v1/users/me/verify/realname', { ...me, raw, headers });
    expectError(broken, 400, 'invalid_input');
    const numeric = { id_card: Number(short) };
    expectError(await submitRealname(client, me.token, numeric), 400, 'invalid_input');
    await expectNowhere(numbers);
  });

  it('is in no log of an operation that fails', async () => {
    const [id_card, credit_code] = ['110101198606069876', '91310000MA1LEAKS03'];
    const { person: me, owner: boss } = tokens();
    down = true;
    const answers = [
      await submitRealname(client, me.token, { id_card }),
      await submitCompany(client, boss.token, { credit_code }),
      await client.put(
        '/api/v1/enterprise/profile',
        { credit_code, license_image: COMPANY.license_image },
        boss,
      ),
    ];
    down = false;
    for (const answer of answers) expectError(answer, 500, 'internal_error');
    expect(logged.join('\n')).toContain('the database is down');
    await expectNowhere([id_card, credit_code]);
  });

  it('does not open in another row, and the failure tells nothing of it', async () => {
    const [mine, theirs] = ['110101198505059876', '110101198404049876'];
    const other = await newHuman(client);
    const ids = [
      dataOf(await submitRealname(client, person.token, { id_card: mine })).verification_id,
      dataOf(await submitRealname(client, other.token, { id_card: theirs })).verification_id,
    ];
    const sealed = await bindings.DB_DEFAULT.prepare('select sealed from verifications where id = ?')
      .bind(ids[1])
      .first<string>('sealed');
    await bindings.DB_DEFAULT.prepare('update verifications set sealed = ? where id = ?')
      .bind(sealed, ids[0])
      .run();
    for (const answer of [await read(ids[0]), await decide(client, admin, ids[0], 'approve')]) {
      expectError(answer, 500, 'internal_error');
    }
    expect(dataOf(await read(ids[1])).papers.id_card).toBe(theirs);
    expect(logged.length).toBeGreaterThan(0);
    await expectNowhere([mine, theirs]);
  });
});

describe('the end of an account', () => {
  it('leaves nothing of the person, their company, or whom an invitation brought', async () => {
    const client = new Client({ door: doorWith({ DB_DEFAULT }) });
    const admin = await client.admin();
    const name = '离开者 科技有限公司';
    const fields = { user_type: 'enterprise', enterprise_name: name };
    const owner = await newRegistered(client, fields);
    const papers = { enterprise_name: name, contact_name: '离开者', contact_phone: '13600136123' };
    const license_image = 'https://oss.example.com/licenses/leaver.jpg';
    const submitted = dataOf(await submitCompany(client, owner.token, { ...papers, license_image }));
    dataOf(await decide(client, admin, submitted.verification_id, 'reject', '离开者的执照'));
    const again = dataOf(await submitCompany(client, owner.token, { ...papers, license_image }));
    dataOf(await decide(client, admin, again.verification_id, 'approve'));
    const realname = dataOf(await submitRealname(client, owner.token, { real_name: '司马离开' }));
    dataOf(await decide(client, admin, realname.verification_id, 'approve'));

    const email = newEmail();
    const invite_code = await invited(client, owner.token, email);
    const member = await newRegistered(client, { email, invite_code });
    const traces = [name, '离开者', '13600136123', 'leaver.jpg', '司马', owner.email, member.email];
    const tablesWith = async (trace: string) =>
      (await everyRow(false)).filter(([, rows]) => rows.includes(trace)).map(([table]) => table);
    for (const trace of [name, '13600136123', owner.email, member.email]) {
      expect(await tablesWith(trace)).not.toEqual([]);
    }

    for (const { token } of [member, owner]) {
      const body = await client.encrypt('Aa123456!');
      expect((await client.send('DELETE', '/api/v1/users/me', { token, body })).status).toBe(200);
    }
    for (const trace of traces) expect(await tablesWith(trace), `tables that keep ${trace}`).toEqual([]);
  });
});

/** Every row of every table as text, by table; the local mailbox too where it is asked for. */
async function everyRow(mailbox = true): Promise<[table: string, rows: string][]> {
  const db = bindings.DB_DEFAULT;
  const { results } = await db
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name not like 'sqlite%'",
    )
    .all<{ name: string }>();
  const names = results.map(({ name }) => name).filter((name) => mailbox || !name.startsWith('dev'));
  expect(names).toContain('verifications');
  return Promise.all(
    names.map(async (name) => [
      name,
      JSON.stringify((await db.prepare(`select * from "${name}"`).all()).results),
    ]),
  );
}

async function everyValue(): Promise<string> {
  const { keys } = await bindings.KV.list();
  const values = await Promise.all(keys.map(({ name }) => bindings.KV.get(name)));
  return JSON.stringify([keys, values]);
}
