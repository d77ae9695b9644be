import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import {
  dataOf,
  decide,
  expectOneWinner,
  faultPaths,
  newIdCard,
  REALNAME,
  realnameDesk,
  TIME,
} from '../support/enterprises.ts';
import { type Human, newHuman } from '../support/humans.ts';

const PATH = '/api/v1/users/me/verify/realname';
const ADMIN = '/admin/v1/verifications';

describe('a submission under review', () => {
  const client = new Client();
  let admin = '';
  let people: [Human, Human, Human];

  beforeAll(async () => {
    admin = await client.admin();
    people = [await newHuman(client), await newHuman(client), await newHuman(client)];
  });

  const { status, isVerified, submitted, review, atRest } = realnameDesk(client, () => admin);

  it('shows a check digit to the reviewer, and refuses nobody for it', async () => {
    const [a, b] = [await atRest(people[0]), await atRest(people[1])];
    const right = await submitted(a.token, { id_card: '11010519491231002x' });
    const wrong = await submitted(b.token, { id_card: '110105194912310021' });
    expect((await review(right)).checks).toEqual({ check_digit_valid: true, taken_by_another: false });
    expect((await review(wrong)).checks).toEqual({ check_digit_valid: false, taken_by_another: false });
    for (const id of [right, wrong]) {
      expect(dataOf(await decide(client, admin, id, 'approve')).status).toBe('verified');
    }
  });

  it('is found by admins by kind and status, and read decrypted, which leaves a trace', async () => {
    const user = await atRest(people[0]);
    const id_card = newIdCard();
    const id = await submitted(user.token, { id_card });
    const found = async (query: string): Promise<string[]> => {
      const data = dataOf(await client.get(`${ADMIN}?${query}`, { token: admin }));
      expect(data).toMatchObject({ page: 1, total: expect.any(Number) });
      expect(JSON.stringify(data)).not.toContain(id_card);
      return data.items.map((one: { verification_id: string }) => one.verification_id);
    };
    expect((await found(''))[0]).toBe(id);
    expect(await found('kind=realname&status=pending')).toContain(id);
    expect(await found('kind=enterprise')).not.toContain(id);
    expect(await found('status=verified')).not.toContain(id);
    expect(await found('status=rejected')).not.toContain(id);
    for (const query of ['kind=passport', 'status=unverified', 'status=superseded', 'page_size=101']) {
      const answer = await client.get(`${ADMIN}?${query}`, { token: admin });
      expectError(answer, 400, 'invalid_input');
      expect(faultPaths(answer)).toEqual([`query.${query.split('=')[0]}`]);
    }

    expect(await review(id)).toEqual({
      verification_id: id,
      kind: 'realname',
      status: 'pending',
      user_id: user.id,
      enterprise_id: null,
      name: '张**',
      credit_code: null,
      reason: null,
      submitted_at: expect.stringMatching(TIME),
      decided_at: null,
      papers: { ...REALNAME, id_card },
      checks: { check_digit_valid: expect.any(Boolean), taken_by_another: false },
    });
    dataOf(await decide(client, admin, id, 'approve'));
    expect(await found('status=verified')).toContain(id);
    dataOf(await decide(client, admin, id, 'revoke', '本人要求'));
    expect(await found('status=rejected&kind=realname')).toContain(id);
    const trace = dataOf(await client.get(`/admin/v1/audit-logs?target=${id}`, { token: admin })).items;
    expect(trace.map(({ action }: { action: string }) => action)).toEqual([
      'verification.revoked',
      'verification.approved',
      'verification.read',
    ]);
  });

  it('is decided once, also of two at once', async () => {
    const { token } = await atRest(people[0]);
    const id = await submitted(token);
    const answers = await Promise.all([1, 2, 3].map(() => decide(client, admin, id, 'approve')));
    expectOneWinner(answers, ['verification_decided']);
    expect((await status(token)).status).toBe('verified');
    expectError(await decide(client, admin, id, 'approve'), 409, 'verification_decided');
    expectError(await decide(client, admin, id, 'reject'), 409, 'verification_decided');

    dataOf(await decide(client, admin, id, 'revoke'));
    expectError(await decide(client, admin, id, 'revoke'), 409, 'verification_decided');
    const next = await submitted(token);
    expectError(await decide(client, admin, next, 'revoke'), 409, 'verification_decided');
    expectOneWinner(
      await Promise.all([decide(client, admin, next, 'approve'), decide(client, admin, next, 'reject')]),
      ['verification_decided'],
    );
    expect(await isVerified(token)).toBe((await status(token)).status === 'verified');
    expectError(await decide(client, admin, 'ver_nothing', 'approve'), 404, 'not_found');
  });

  it.each([[{}], [{ reason: '' }], [{ reason: 'x'.repeat(201) }], [{ reason: 7 }]])(
    'is neither rejected nor revoked for %o',
    async (body) => {
      for (const word of ['reject', 'revoke']) {
        const answer = await client.post(`${ADMIN}/ver_any/${word}`, body, { token: admin });
        expectError(answer, 400, 'invalid_input');
        expect(faultPaths(answer)).toEqual(['reason']);
      }
    },
  );

  it('takes each number for one person only, also of two approvals at once', async () => {
    for (const person of people) await atRest(person);
    const [a, b, c] = people;
    const id_card = '11010119900203999x';
    const [first, second] = [
      await submitted(a.token, { id_card }),
      await submitted(b.token, { id_card: id_card.toUpperCase() }),
    ];
    const answers = await Promise.all([first, second].map((id) => decide(client, admin, id, 'approve')));
    const won = expectOneWinner(answers, ['identity_taken']);
    const [winner, loser, open] = won === 0 ? [a, b, second] : [b, a, first];
    expect((await status(winner.token)).status).toBe('verified');
    expect((await status(loser.token)).status).toBe('pending');
    expect(await isVerified(loser.token)).toBe(false);

    const third = await submitted(c.token, { id_card });
    expect((await review(third)).checks.taken_by_another).toBe(true);
    expectError(await decide(client, admin, third, 'approve'), 409, 'identity_taken');
    // What is taken back is free again.
    dataOf(await decide(client, admin, [first, second][won] ?? '', 'revoke'));
    dataOf(await decide(client, admin, open, 'approve'));
    expect(await isVerified(loser.token)).toBe(true);
  });

  it('is nobody’s business but the person’s and the admins’', async () => {
    const own = await atRest(people[0]);
    const id = await submitted(own.token);
    const reason = { reason: 'mine' };
    for (const [token, code, error] of [
      [undefined, 401, 'unauthenticated'],
      [own.token, 403, 'forbidden'],
    ] as const) {
      expectError(await client.get(ADMIN, { token }), code, error);
      expectError(await client.get(`${ADMIN}/${id}`, { token }), code, error);
      for (const word of ['approve', 'reject', 'revoke']) {
        expectError(await client.post(`${ADMIN}/${id}/${word}`, reason, { token }), code, error);
      }
    }
    expectError(await client.post(PATH, {}), 401, 'unauthenticated');
    expectError(await client.get(PATH), 401, 'unauthenticated');
    expect((await status(own.token)).status).toBe('pending');
  });
});
