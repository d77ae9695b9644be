import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import {
  dataOf,
  decide,
  faultPaths,
  newIdCard,
  REALNAME,
  realnameDesk,
  submitRealname,
  TIME,
} from '../support/enterprises.ts';
import { type Human, newHuman, newRegistered } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const PATH = '/api/v1/users/me/verify/realname';

describe('real-name verification', () => {
  const client = new Client();
  let admin = '';
  /** Somebody who hands in nothing that is taken. */
  let nobody = '';
  let somebody: Human;

  beforeAll(async () => {
    admin = await client.admin();
    nobody = (await newHuman(client)).token;
    somebody = await newHuman(client);
  });

  const { status, isVerified, submitted, review, atRest } = realnameDesk(client, () => admin);

  it('goes from unverified through a rejection to verified, with the seed’s own body', async () => {
    const user = await client.newUser();
    expect(await status(user.token)).toEqual({ status: 'unverified', real_name: null, verified_at: null });

    const first = dataOf(await client.post(PATH, REALNAME, { token: user.token }));
    expect(first).toEqual({
      verification_id: expect.stringMatching(/^ver_[0-9A-Z]{26}$/),
      kind: 'realname',
      status: 'pending',
      user_id: user.id,
      enterprise_id: null,
      name: '张**',
      credit_code: null,
      reason: null,
      submitted_at: expect.stringMatching(TIME),
      decided_at: null,
    });
    const pending = {
      status: 'pending',
      real_name: '张**',
      verified_at: null,
      verification_id: first.verification_id,
      submitted_at: first.submitted_at,
    };
    expect(await status(user.token)).toEqual(pending);
    expectError(await submitRealname(client, user.token), 409, 'verification_open');

    const rejected = dataOf(await decide(client, admin, first.verification_id, 'reject', '照片模糊'));
    const decided_at = expect.stringMatching(TIME);
    expect(rejected).toEqual({ ...first, status: 'rejected', reason: '照片模糊', decided_at });
    expect(await status(user.token)).toEqual({ ...pending, status: 'rejected', reason: '照片模糊' });
    expect(await isVerified(user.token)).toBe(false);

    const second = dataOf(await client.post(PATH, REALNAME, { token: user.token }));
    expect(second.verification_id).not.toBe(first.verification_id);
    expect((await status(user.token)).status).toBe('pending');
    const approved = dataOf(await decide(client, admin, second.verification_id, 'approve'));
    expect(approved).toEqual({ ...second, status: 'verified', decided_at });
    expect(await status(user.token)).toEqual({
      status: 'verified',
      real_name: '张**',
      verified_at: approved.decided_at,
      verification_id: second.verification_id,
      submitted_at: second.submitted_at,
    });
    expect(await isVerified(user.token)).toBe(true);
    expectError(await submitRealname(client, user.token), 409, 'verification_open');
    // The first submission is a row of its own that nothing after it has changed.
    expect(await review(first.verification_id)).toMatchObject({ status: 'rejected', reason: '照片模糊' });
  });

  it.each([
    ['id_card', { id_card: '11010119900101123' }, 'seventeen digits'],
    ['id_card', { id_card: '1101011990010112345' }, 'nineteen digits'],
    ['id_card', { id_card: '1101011990X1011234' }, 'an X that is not last'],
    ['id_card', { id_card: '11010119900101123Y' }, 'a letter that is no X'],
    ['id_card', { id_card: '１10101199001011234' }, 'a digit of another width'],
    ['id_card', { id_card: ' 110101199001011234' }, 'a space'],
    ['id_card', { id_card: '110101199002301234' }, '30 February'],
    ['id_card', { id_card: '110101190002291234' }, '29 February of a year without one'],
    ['id_card', { id_card: '110101199013011234' }, 'a thirteenth month'],
    ['id_card', { id_card: '110101199000101234' }, 'month 0'],
    ['id_card', { id_card: '110101199001001234' }, 'day 0'],
    ['id_card', { id_card: '110101299901011234' }, 'a birth in the future'],
    ['id_card', { id_card: 110101199001011 }, 'a number in place of a text'],
    ['id_card', { id_card: null }, 'null'],
    ['id_card', { id_card: undefined }, 'none'],
    ['real_name', { real_name: 'x'.repeat(65) }, '65 characters'],
    ['real_name', { real_name: '  ' }, 'blanks'],
    ['real_name', { real_name: '张\n三' }, 'two lines'],
    ['real_name', { real_name: 7 }, 'a number'],
    ['real_name', { real_name: undefined }, 'none'],
    ['id_card_front', { id_card_front: 'http://oss.example.com/front.jpg' }, 'http'],
    ['id_card_front', { id_card_front: 'javascript:alert(1)' }, 'a script'],
    ['id_card_front', { id_card_front: 'front.jpg' }, 'no URL'],
    ['id_card_back', { id_card_back: ['https://oss.example.com/back.jpg'] }, 'a list'],
    ['id_card_back', { id_card_back: undefined }, 'none'],
  ])('names %s in %o: %s', async (path, fields: object, _why) => {
    const answer = await submitRealname(client, nobody, fields);
    expectError(answer, 400, 'invalid_input');
    expect(faultPaths(answer)).toEqual([path]);
    expect((await status(nobody)).status).toBe('unverified');
  });

  it('takes a small x, a name of 64 characters and somebody born on 29 February', async () => {
    const user = await atRest(somebody);
    const real_name = `欧${'x'.repeat(63)}`;
    const id = await submitted(user.token, { id_card: '11010520000229123x', real_name });
    expect((await status(user.token)).real_name).toBe('欧**');
    expect((await review(id)).papers).toMatchObject({ id_card: '11010520000229123X', real_name });
  });

  it('gives the first answer again under one Idempotency-Key', async () => {
    const { token } = await atRest(somebody);
    const body = { ...REALNAME, id_card: newIdCard() };
    const post = (one: object) =>
      client.post(PATH, one, { token, headers: { 'Idempotency-Key': 'papers-1' } });
    const first = await post(body);
    const again = await post(body);
    expect(again.body).toEqual({ code: 0, data: dataOf(first) });
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expectError(await post({ ...body, real_name: '李四' }), 422, 'idempotency_key_reused');
  });

  it('taken back reads rejected with the reason, and may be handed in again', async () => {
    const { token } = await atRest(somebody);
    const reason = '证'.repeat(200);
    const id = await submitted(token);
    dataOf(await decide(client, admin, id, 'approve'));
    expect(await isVerified(token)).toBe(true);
    expect(dataOf(await decide(client, admin, id, 'revoke', reason))).toMatchObject({
      status: 'rejected',
      reason,
    });
    expect(await status(token)).toMatchObject({
      status: 'rejected',
      reason,
      real_name: '张**',
      verified_at: null,
    });
    expect(await isVerified(token)).toBe(false);
    dataOf(await decide(client, admin, await submitted(token), 'approve'));
    expect(await isVerified(token)).toBe(true);
  });

  it('ends with the account: numbers are erased, and free for somebody else', async () => {
    const [gone, waits, heir] = [
      await newRegistered(client, {}),
      await newRegistered(client, {}),
      await atRest(somebody),
    ];
    const id_card = newIdCard();
    const [verified, pending] = [
      await submitted(gone.token, { id_card }),
      await submitted(waits.token, { id_card }),
    ];
    dataOf(await decide(client, admin, verified, 'approve'));
    const next = await submitted(heir.token, { id_card });
    expectError(await decide(client, admin, next, 'approve'), 409, 'identity_taken');
    for (const { token } of [gone, waits]) {
      const body = await client.encrypt('Aa123456!');
      expect((await client.send('DELETE', '/api/v1/users/me', { token, body })).status).toBe(200);
    }
    for (const id of [verified, pending]) {
      expect(await review(id)).toMatchObject({ name: null, papers: null, checks: null });
      const row = await bindings.DB_DEFAULT.prepare('select * from verifications where id = ?')
        .bind(id)
        .first();
      expect(row).toMatchObject({ sealed: null, number_hash: null, masked_name: null, name: null });
    }
    expectError(await decide(client, admin, pending, 'approve'), 409, 'verification_decided');
    dataOf(await decide(client, admin, next, 'approve'));
    expect(await isVerified(heir.token)).toBe(true);
  });
});
