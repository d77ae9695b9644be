import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';
import {
  COMPANY,
  consume,
  dataOf,
  decide,
  expectOneWinner,
  faultPaths,
  givePlan,
  invite,
  newCreditCode,
  newOwner,
  newVerifiedEnterprise,
  submitCompany,
  TIME,
} from '../support/enterprises.ts';
import { type Human, newHuman } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const PATH = '/api/v1/users/me/verify/enterprise';
const PROFILE = '/api/v1/enterprise/profile';
const LICENCE = 'https://oss.example.com/licenses/new.jpg';

describe('enterprise verification', () => {
  const client = new Client();
  let admin = '';
  /** An owner who hands in nothing that is taken. */
  let blank: Human;

  beforeAll(async () => {
    admin = await client.admin();
    blank = await newOwner(client);
  });

  const profile = async (token: string) => dataOf(await client.get(PROFILE, { token }));
  const status = async (token: string) => dataOf(await client.get(PATH, { token }));
  const review = async (id: string) =>
    dataOf(await client.get(`/admin/v1/verifications/${id}`, { token: admin }));
  const change = (token: string, body: object) => client.put(PROFILE, body, { token });
  /** The blank owner, whatever a test before left standing. */
  const rested = async (): Promise<string> => {
    const { status: stands, verification_id: id } = await status(blank.token);
    if (stands === 'pending') dataOf(await decide(client, admin, id, 'reject'));
    if (stands === 'verified') dataOf(await decide(client, admin, id, 'revoke'));
    return blank.token;
  };

  it('goes from unverified through a rejection to verified, with the seed’s own body', async () => {
    const owner = await newOwner(client);
    const unverified = await profile(owner.token);
    expect(unverified).toEqual({
      enterprise_id: expect.stringMatching(/^ent_[0-9A-Z]{26}$/),
      enterprise_name: 'XX 科技有限公司',
      credit_code: null,
      verify_status: 'unverified',
      member_count: 1,
      contact_name: null,
      contact_phone: null,
    });
    expect((await status(owner.token)).status).toBe('unverified');

    const first = dataOf(await client.post(PATH, COMPANY, { token: owner.token }));
    expect(first).toEqual({
      verification_id: expect.stringMatching(/^ver_[0-9A-Z]{26}$/),
      kind: 'enterprise',
      status: 'pending',
      user_id: owner.id,
      enterprise_id: unverified.enterprise_id,
      name: 'XX 科技有限公司',
      credit_code: '9111****',
      reason: null,
      submitted_at: expect.stringMatching(TIME),
      decided_at: null,
    });
    expect((await profile(owner.token)).verify_status).toBe('pending');
    expectError(await submitCompany(client, owner.token), 409, 'verification_open');

    dataOf(await decide(client, admin, first.verification_id, 'reject', '执照不清晰'));
    expect((await profile(owner.token)).verify_status).toBe('rejected');
    expect(await status(owner.token)).toEqual({
      status: 'rejected',
      enterprise_name: 'XX 科技有限公司',
      verified_at: null,
      verification_id: first.verification_id,
      submitted_at: first.submitted_at,
      reason: '执照不清晰',
    });

    const { verification_id } = dataOf(await client.post(PATH, COMPANY, { token: owner.token }));
    const seen = await review(verification_id);
    expect(seen.papers).toMatchObject({
      enterprise_name: 'XX 科技有限公司',
      credit_code: '91110000XXXXXXXX',
      license_image: 'https://oss.example.com/licenses/xxx.jpg',
      contact_name: '李四',
      contact_phone: expect.stringContaining('13900139000'),
    });
    dataOf(await decide(client, admin, verification_id, 'approve'));
    // The seed's answer, word for word but for the id and the members.
    expect(await profile(owner.token)).toEqual({
      enterprise_id: unverified.enterprise_id,
      enterprise_name: 'XX 科技有限公司',
      credit_code: '9111****',
      verify_status: 'verified',
      member_count: 1,
      contact_name: '李四',
      contact_phone: '139****9000',
    });
    expect(await status(owner.token)).toMatchObject({ status: 'verified', verified_at: expect.any(String) });
    // Why it was rejected before is no news any more.
    expect((await status(owner.token)).reason ?? null).toBeNull();
    expectError(await submitCompany(client, owner.token), 409, 'verification_open');
  });

  it('is for the owners of enterprises only', async () => {
    const { token } = await newHuman(client);
    expectError(await submitCompany(client, token), 403, 'enterprise_none');
    expectError(await client.get(PATH, { token }), 403, 'enterprise_none');
    expectError(await client.get(PROFILE, { token }), 403, 'enterprise_none');
    expectError(await submitCompany(client, admin), 403, 'enterprise_none');
    expectError(await client.post(PATH, {}), 401, 'unauthenticated');
  });

  it.each([
    ['credit_code', { credit_code: '91110000XXXXXX' }, 'fourteen characters'],
    ['credit_code', { credit_code: '91110000XXXXXXXXXXX' }, 'nineteen characters'],
    ['credit_code', { credit_code: '91110000-XXXXXXX' }, 'a hyphen'],
    ['credit_code', { credit_code: '９1110000XXXXXXXX' }, 'a digit of another width'],
    ['credit_code', { credit_code: 'ßßßßßßßß' }, 'eight letters whose capitals are sixteen'],
    ['credit_code', { credit_code: 911100001234567 }, 'a number in place of a text'],
    ['credit_code', { credit_code: undefined }, 'none'],
    ['enterprise_name', { enterprise_name: '司'.repeat(65) }, '65 characters'],
    ['license_image', { license_image: 'http://oss.example.com/licenses/xxx.jpg' }, 'http'],
    ['contact_name', { contact_name: '李'.repeat(65) }, '65 characters'],
    ['contact_name', { contact_name: undefined }, 'none'],
    ['contact_phone', { contact_phone: 13900139000 }, 'a number'],
  ])('names %s in %o: %s', async (path, fields: object, _why) => {
    const token = await rested();
    const before = await status(token);
    const answer = await submitCompany(client, token, fields);
    expectError(answer, 400, 'invalid_input');
    expect(faultPaths(answer)).toEqual([path]);
    expect(await status(token)).toEqual(before);
  });

  it.each([
    ['91350100m000100y43', true, 'one whose check character follows'],
    ['91350100M000100Y44', false, 'one whose check character does not'],
    ['110000000000001', null, 'an old number of fifteen digits, which has none'],
  ])('shows the reviewer of %s: %s (%s), and refuses nobody for it', async (credit_code, holds, _why) => {
    const { verification_id } = dataOf(await submitCompany(client, await rested(), { credit_code }));
    const { papers, checks } = await review(verification_id);
    expect(papers.credit_code).toBe(credit_code.toUpperCase());
    expect(checks).toEqual({ check_digit_valid: holds, taken_by_another: false });
    dataOf(await decide(client, admin, verification_id, 'approve'));
  });

  it('takes each code for one company only, also of two approvals at once', async () => {
    const other = await newOwner(client);
    const credit_code = '91440300ma5abcdef1';
    const ids = [
      dataOf(await submitCompany(client, await rested(), { credit_code })).verification_id,
      dataOf(await submitCompany(client, other.token, { credit_code: credit_code.toUpperCase() }))
        .verification_id,
    ];
    const answers = await Promise.all(ids.map((id) => decide(client, admin, id, 'approve')));
    const won = expectOneWinner(answers, ['identity_taken']);
    expect((await review(ids[1 - won])).checks.taken_by_another).toBe(true);
    expectError(await decide(client, admin, ids[1 - won], 'approve'), 409, 'identity_taken');
    const [winner, loser] = won === 0 ? [blank, other] : [other, blank];
    expect((await profile(winner.token)).verify_status).toBe('verified');
    expect((await profile(loser.token)).verify_status).toBe('pending');
  });

  it('taken back, the company reads rejected with the reason, and invites nobody', async () => {
    const { owner, verification } = await newVerifiedEnterprise(client, admin);
    dataOf(await decide(client, admin, verification, 'revoke', '执照吊销'));
    expect((await profile(owner.token)).verify_status).toBe('rejected');
    expect(await status(owner.token)).toMatchObject({
      status: 'rejected',
      reason: '执照吊销',
      verified_at: null,
    });
    expectError(await invite(client, owner.token, newEmail()), 403, 'enterprise_unverified');
    dataOf(await submitCompany(client, owner.token));
  });

  describe('a change of the profile', () => {
    it('holds at once for the contact, and is none where nothing is new', async () => {
      const credit_code = newCreditCode().replace('91110000', '91110000AB').slice(0, 18);
      const owner = await newOwner(client);
      const { verification_id } = dataOf(await submitCompany(client, owner.token, { credit_code }));
      dataOf(await decide(client, admin, verification_id, 'approve'));
      const before = await profile(owner.token);
      const contact = { contact_name: '王五', contact_phone: '13700137000' };
      const after = { ...before, contact_name: '王五', contact_phone: '137****7000' };
      expect(dataOf(await change(owner.token, contact))).toEqual(after);
      expect(dataOf(await change(owner.token, { contact_name: '赵六' }))).toMatchObject({
        contact_name: '赵六',
        contact_phone: '137****7000',
      });
      // The same name and code again, small letters aside, are no change and need no licence.
      const same = { enterprise_name: COMPANY.enterprise_name, credit_code: credit_code.toLowerCase() };
      expect(dataOf(await change(owner.token, { ...same, contact_name: '王五' }))).toEqual(after);
      expect(dataOf(await change(owner.token, {}))).toEqual(after);
      expect(after.verify_status).toBe('verified');
    });

    it.each([
      ['license_image', { enterprise_name: 'YY 科技有限公司' }],
      ['license_image', { credit_code: '91110000YYYYYYYY' }],
      ['license_image', { enterprise_name: 'YY', license_image: 'http://oss.example.com/x.jpg' }],
      ['credit_code', { credit_code: 'short', license_image: LICENCE }],
      ['enterprise_name', { enterprise_name: '司'.repeat(65), license_image: LICENCE }],
      ['contact_phone', { contact_phone: '12345' }],
      ['contact_name', { contact_name: 7 }],
    ])('names %s in %o, and changes nothing', async (path, body) => {
      const { owner } = await verifiedOnce();
      const before = await profile(owner.token);
      const answer = await change(owner.token, body);
      expectError(answer, 400, 'invalid_input');
      expect(faultPaths(answer)).toEqual([path]);
      expect(await profile(owner.token)).toEqual(before);
    });

    it('of the name is reviewed anew: it replaces what is pending, and a rejection restores what was', async () => {
      const company = await verifiedOnce();
      const { token } = company.owner;
      await givePlan(client, admin, company, { tpd: 777 });
      const { key } = await client.newApiKey(token);
      const before = await profile(token);

      const renamed = { enterprise_name: 'YY 科技有限公司', license_image: LICENCE };
      dataOf(await change(token, renamed));
      const first = (await status(token)).verification_id;
      const recoded = { credit_code: '92220000ZZZZZZZZ', license_image: LICENCE };
      expect(dataOf(await change(token, recoded))).toMatchObject({
        verify_status: 'pending',
        credit_code: '9222****',
      });
      const second = (await status(token)).verification_id;
      expect(await review(first)).toMatchObject({ status: 'rejected', reason: expect.any(String) });
      expectError(await decide(client, admin, first, 'approve'), 409, 'verification_decided');
      expectError(await decide(client, admin, first, 'reject'), 409, 'verification_decided');
      expectError(await submitCompany(client, token), 409, 'verification_open');
      // Plan and keys run on meanwhile.
      const spent = dataOf(await consume(client, key, 5));
      expect(spent.limits).toMatchObject([{ scope: 'enterprise', metric: 'tpd', limit: 777, used: 5 }]);
      expect((await client.get('/api/v1/membership/me', { token })).body.data.status).toBe('active');
      expect((await invite(client, token, newEmail())).status).toBe(200);

      dataOf(await decide(client, admin, second, 'reject', '不符'));
      expect(await profile(token)).toEqual(before);
      expect(await status(token)).toMatchObject({ status: 'verified', reason: '不符' });
      expect(before).toMatchObject({ enterprise_name: 'XX 科技有限公司', verify_status: 'verified' });
    });

    it('approved, takes the place of what was verified', async () => {
      const company = await verifiedOnce();
      const { token } = company.owner;
      const credit_code = newCreditCode();
      const body = { enterprise_name: 'ZZ 科技有限公司', credit_code, license_image: LICENCE };
      dataOf(await change(token, body));
      const { verification_id } = await status(token);
      expect((await review(verification_id)).papers).toMatchObject(body);
      dataOf(await decide(client, admin, verification_id, 'approve'));
      expect(await profile(token)).toMatchObject({
        enterprise_name: 'ZZ 科技有限公司',
        verify_status: 'verified',
      });
      expect((await review(company.verification)).status).toBe('rejected');
      expectError(await decide(client, admin, company.verification, 'revoke'), 409, 'verification_decided');
    });

    let once: ReturnType<typeof newVerifiedEnterprise> | undefined;
    /** One company for the tests that leave its papers verified. */
    function verifiedOnce() {
      once ??= newVerifiedEnterprise(client, admin);
      return once;
    }
  });

  it('ends with the account: the code is erased, and free for somebody else', async () => {
    const [gone, heir] = [await newOwner(client), await newOwner(client)];
    const credit_code = '91440300MA5LEAVES1';
    const { verification_id } = dataOf(await submitCompany(client, gone.token, { credit_code }));
    dataOf(await decide(client, admin, verification_id, 'approve'));
    const body = await client.encrypt('Aa123456!');
    expect((await client.send('DELETE', '/api/v1/users/me', { token: gone.token, body })).status).toBe(200);
    expect(await review(verification_id)).toMatchObject({ name: null, credit_code: null, papers: null });
    const row = await bindings.DB_DEFAULT.prepare(
      'select sealed, number_hash from verifications where id = ?',
    )
      .bind(verification_id)
      .first();
    expect(row).toEqual({ sealed: null, number_hash: null });
    const next = dataOf(await submitCompany(client, heir.token, { credit_code })).verification_id;
    dataOf(await decide(client, admin, next, 'approve'));
  });
});
