import { beforeAll, describe, expect, it } from 'vitest';
import validList from '../seeds/packages-valid-list.json';
import { Client } from '../support/client.ts';
import { type Desk, dataAt, expectRefusal, newDesk } from '../support/desk.ts';
import { db } from '../support/money.ts';

/** Seed 001: one package as its document shows it. */
const SHOWN = {
  code: 'MEM0001',
  name: '会员套餐名称',
  price: '99.99',
  validityDays: 30,
  description: '套餐描述',
  status: 1,
};
/** What the seed shows, and what spec sites adds to it. */
const FIELDS = [
  'id',
  '_id',
  'code',
  'name',
  'memberTypeId',
  'price',
  'validityDays',
  'description',
  'status',
  'createTime',
  'updateTime',
];
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('membership packages', () => {
  let desk: Desk;
  const numberOf = (code: string) => Number(code.slice('MEM'.length));

  beforeAll(async () => {
    desk = await newDesk();
  });

  describe('as the seed shows them:', () => {
    it('the list of valid ones, oldest first', async () => {
      const data = dataAt(await desk.get('/valid-list'), '操作成功');
      // The seed's ids stand for some: here they are the serial, as a number and as a string.
      const expected = validList.map((one, index) => ({ ...one, id: index + 1, _id: String(index + 1) }));
      expect(data.slice(0, 2)).toEqual(expected);
      expect(Object.keys(data[0])).toEqual(Object.keys(validList[0] ?? {}));
    });

    it('one of them', async () => {
      const data = dataAt(await desk.get('/1'), '获取成功');
      expect(Object.keys(data)).toEqual(FIELDS);
      expect(data).toEqual({
        ...SHOWN,
        id: 1,
        _id: '1',
        name: '会员套餐1',
        memberTypeId: '1',
        createTime: TIME,
        updateTime: TIME,
      });
      expectRefusal(await desk.get('/999999'), 404, '4040', '会员套餐不存在');
    });

    it('the list, newest first', async () => {
      const made = await desk.package({ name: '会员套餐名称' });
      const data = dataAt(await desk.get(), '获取成功');
      expect(Object.keys(data)).toEqual(['list', 'total', 'pageNum', 'pageSize']);
      expect(data).toMatchObject({ pageNum: 1, pageSize: 10 });
      expect(data.list[0]).toEqual(made);
      const ids = data.list.map(({ id }: { id: number }) => id);
      expect(ids).toEqual([...ids].sort((a, b) => b - a));
    });

    it('a new one: created with 200, its code given by the server', async () => {
      const { code, ...body } = SHOWN;
      const data = dataAt(
        await desk.post('', { ...body, memberTypeId: '2', code: 'MEM9999' }),
        '创建会员成功',
      );
      expect(Object.keys(data)).toEqual(FIELDS);
      expect(data).toEqual({
        ...SHOWN,
        id: expect.any(Number),
        _id: String(data.id),
        code: `MEM${String(data.id).padStart(4, '0')}`,
        memberTypeId: '2',
        createTime: TIME,
        updateTime: TIME,
      });
      const message = '关联的会员类型不存在';
      for (const memberTypeId of ['999', 'xxx', '', '0', '-1', '1.0', '9'.repeat(30)]) {
        expectRefusal(await desk.post('', { ...body, memberTypeId }), 400, '4000', message);
      }
      // What was refused took no number.
      const next = await desk.package();
      expect(numberOf(next.code)).toBe(numberOf(data.code) + 1);
    });

    it('an update: what is left out stays', async () => {
      const { id, ...made } = await desk.package({ memberTypeId: '1', description: '旧' });
      const data = dataAt(await desk.put(`/${id}`, { name: '新名称' }), '更新会员成功');
      expect(data).toEqual({ ...made, id, name: '新名称', updateTime: TIME });
      const { code, ...body } = SHOWN;
      const whole = dataAt(await desk.put(`/${id}`, { ...body, memberTypeId: '2' }));
      expect(whole).toMatchObject({ ...body, memberTypeId: '2', code: made.code });
      expectRefusal(await desk.put('/999999', { name: 'x' }), 404, '4040', '会员套餐不存在');
      const other = await desk.package();
      const unknown = await desk.put(`/${other.id}`, { name: 'x', memberTypeId: '999' });
      expectRefusal(unknown, 400, '4000', '关联的会员类型不存在');
      expect(dataAt(await desk.get(`/${other.id}`))).toEqual(other);
    });

    it('a deletion', async () => {
      const made = await desk.package();
      expect(dataAt(await desk.delete(`/${made.id}`), '删除会员成功')).toEqual({ result: true });
      expectRefusal(await desk.delete(`/${made.id}`), 404, '4040', '会员套餐不存在');
      expectRefusal(await desk.get(`/${made.id}`), 404, '4040');
      expectRefusal(await desk.put(`/${made.id}/status`, { status: 1 }), 404, '4040');
      expectRefusal(await desk.put(`/${made.id}`, { name: 'x' }), 404, '4040');
      const list = dataAt(await desk.get(`?name=${encodeURIComponent(made.name)}&pageSize=100`)).list;
      expect(list.map(({ id }: { id: number }) => id)).not.toContain(made.id);
      const active = await desk.sold();
      expectRefusal(await desk.delete(`/${active.id}`), 400, '4000', '删除会员失败');
    });

    it.each(['PUT', 'PATCH'])('a change of status by %s', async (method) => {
      const made = await desk.package();
      const set = (status: number) => desk.send(method, `/${made.id}/status`, { status });
      const on = dataAt(await set(1), '状态更新成功');
      expect(on).toEqual({ ...made, status: 1, updateTime: TIME });
      expect(dataAt(await set(1)).status).toBe(1);
      expect(dataAt(await set(0)).status).toBe(0);
      expectRefusal(await desk.send(method, '/999999/status', { status: 1 }), 404, '4040', '会员套餐不存在');
    });
  });

  describe('have codes', () => {
    const count = 50;

    it(`that follow one another, also when ${count} are made at once`, async () => {
      const before = numberOf((await desk.package()).code);
      const made = await Promise.all(
        Array.from({ length: count }, (_, index) => desk.package({ name: `并发 ${index}` })),
      );
      const numbers = made.map(({ code }) => numberOf(code)).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: count }, (_, index) => before + 1 + index));
      expect(made.map(({ id, code }) => [id, `MEM${String(id).padStart(4, '0')}` === code])).toEqual(
        made.map(({ id }) => [id, true]),
      );
    });

    it('that are not used again after a deletion', async () => {
      const last = await desk.package();
      dataAt(await desk.delete(`/${last.id}`));
      const next = await desk.package();
      expect(numberOf(next.code)).toBe(numberOf(last.code) + 1);
    });

    it('of more than four digits after 9999', async () => {
      const { value } = (await db
        .prepare("select value from sequences where name = 'package'")
        .first<{ value: number }>()) ?? { value: 0 };
      await db.prepare("update sequences set value = 9999 where name = 'package'").run();
      const made = await desk.package({ price: '1', status: 1 });
      expect(made).toMatchObject({ id: 10_000, code: 'MEM10000' });
      await db
        .prepare("update sequences set value = ? where name = 'package' and value = 10000")
        .bind(value)
        .run();
    });

    it('that two sites count apart, and share nothing else', async () => {
      const other = await newDesk(new Client({ site: 'cn' }));
      const [here, there] = [await desk.package({ name: '此处' }), await other.package({ name: '彼处' })];
      expect(there.code).toBe('MEM0003');
      expect(dataAt(await other.get(`/${there.id}`)).name).toBe('彼处');
      // The same id and code are another package here.
      const same = dataAt(await desk.get(`/${there.id}`));
      expect(same.code).toBe(there.code);
      expect(same).not.toEqual(there);
      expectRefusal(await other.get(`/${here.id}`), 404, '4040');
      dataAt(await other.put(`/${there.id}`, { name: '已改' }));
      expect(dataAt(await desk.get(`/${there.id}`))).toEqual(same);
      const names = dataAt(await other.get('?pageSize=100')).list.map(({ name }: { name: string }) => name);
      expect(names).toEqual(['已改', '会员套餐2', '会员套餐1']);
      dataAt(await other.post('/types', { code: 'ONLY', name: '只此' }));
      const types = dataAt(await desk.get('/types?pageSize=100')).list;
      expect(types.map(({ code }: { code: string }) => code)).not.toContain('ONLY');
    });
  });

  describe('are found', () => {
    it('by a part of their name, literally', async () => {
      const names = ['100%会员', '1000会员', 'a_b', 'axb', 'v1.5', 'v1x5', "O'Brien", 'OBrien', 'Ünïcode'];
      for (const name of names) await desk.package({ name: `寻找 ${name}` });
      const found = async (name: string) =>
        dataAt(await desk.get(`?pageSize=100&name=${encodeURIComponent(name)}`)).list.map(
          (one: { name: string }) => one.name.slice('寻找 '.length),
        );
      expect(await found('100%')).toEqual(['100%会员']);
      expect(await found('a_b')).toEqual(['a_b']);
      expect(await found('v1.5')).toEqual(['v1.5']);
      expect(await found("O'B")).toEqual(["O'Brien"]);
      expect(await found('寻找 Ü')).toEqual(['Ünïcode']);
      expect((await found('寻找')).toSorted()).toEqual(names.toSorted());
      expect(await found("' or 1=1 --")).toEqual([]);
      expect(await found('寻找'.repeat(30))).toEqual([]);
    });

    it('by their member type', async () => {
      const type = dataAt(await desk.post('/types', { code: 'FOUND', name: '寻' }));
      const made = await desk.package({ memberTypeId: type._id });
      await desk.package({ memberTypeId: '1' });
      const list = async (query: string) => dataAt(await desk.get(`?pageSize=100&${query}`));
      expect(await list(`memberTypeId=${type._id}`)).toMatchObject({ total: 1, list: [made] });
      expect(await list('memberTypeId=999')).toMatchObject({ total: 0, list: [] });
      expect(await list('memberTypeId=xxx')).toMatchObject({ total: 0, list: [] });
      // A form sends what is not filled in as nothing.
      const { total } = await list('');
      expect((await list('memberTypeId=&name=')).total).toBe(total);
    });

    it('page by page', async () => {
      for (let index = 0; index < 5; index += 1) await desk.package({ name: `翻页 ${index}` });
      const page = async (pageNum: number) =>
        dataAt(await desk.get(`?name=${encodeURIComponent('翻页')}&pageSize=2&pageNum=${pageNum}`));
      const pages = [await page(1), await page(2), await page(3), await page(4)];
      expect(pages.map(({ list }) => list.map(({ name }: { name: string }) => name.slice(-1)))).toEqual([
        ['4', '3'],
        ['2', '1'],
        ['0'],
        [],
      ]);
      expect(pages.map(({ total, pageNum, pageSize }) => [total, pageNum, pageSize])).toEqual(
        [1, 2, 3, 4].map((number) => [5, number, 2]),
      );
    });

    it.each([
      'pageNum=0',
      'pageNum=-1',
      'pageNum=x',
      'pageNum=1.5',
      'pageNum=',
      'pageSize=0',
      'pageSize=101',
    ])('never by %s', async (query) => {
      const answer = await desk.get(`?${query}`);
      expectRefusal(answer, 400, '4000');
      expect(answer.body.message).toContain(`query.${query.split('=')[0]}`);
    });
  });

  describe('are checked', () => {
    it.each([
      ['name', undefined],
      ['name', ''],
      ['name', '   '],
      ['name', 'x'.repeat(101)],
      ['name', 7],
      ['name', null],
      ['price', 99.99],
      ['price', ''],
      ['price', '99.999'],
      ['price', '-1'],
      ['price', '1e3'],
      ['price', ' 1'],
      ['price', '.5'],
      ['price', '1.'],
      ['price', '1\n'],
      ['price', '１'],
      ['price', '12345678901'],
      ['validityDays', 0],
      ['validityDays', 36_501],
      ['validityDays', 1.5],
      ['validityDays', '30'],
      ['validityDays', true],
      ['description', 'x'.repeat(2001)],
      ['description', 7],
      ['status', 2],
      ['status', '1'],
      ['status', true],
      ['status', null],
      ['memberTypeId', 1],
      ['memberTypeId', {}],
    ])('%s %j', async (field, value) => {
      const total = async () => dataAt(await desk.get()).total;
      const before = await total();
      const answer = await desk.post('', { name: '套餐', [field]: value });
      expectRefusal(answer, 400, '4000');
      expect(answer.body.message).toContain(`${field}: `);
      expect(await total()).toBe(before);
      const made = await desk.package();
      expectRefusal(await desk.put(`/${made.id}`, { name: '套餐', [field]: value }), 400, '4000');
      expect(dataAt(await desk.get(`/${made.id}`))).toEqual(made);
    });

    it('with all that is wrong said at once', async () => {
      const { body } = await desk.post('', { price: 1, validityDays: 0 });
      for (const field of ['name', 'price', 'validityDays']) expect(body.message).toContain(`${field}: `);
    });

    it('at their edges', async () => {
      const most = { price: '9999999999.99', validityDays: 36_500, name: 'x'.repeat(100) };
      expect(await desk.package({ ...most, description: 'x'.repeat(2000) })).toMatchObject(most);
      expect(await desk.package({ price: '0', validityDays: 1 })).toMatchObject({ price: '0.00' });
      expect(await desk.package({ price: '5.5' })).toMatchObject({ price: '5.50' });
      const bare = dataAt(await desk.post('', { name: '  只有名字  ' }));
      expect(bare).toMatchObject({
        name: '只有名字',
        memberTypeId: null,
        price: null,
        validityDays: null,
        description: null,
        status: 0,
      });
      const none = { price: null, validityDays: null, description: null, memberTypeId: null };
      expect(await desk.package(none)).toMatchObject(none);
      // Two may be called the same.
      expect((await desk.package({ name: '只有名字' })).name).toBe('只有名字');
    });

    it.each(['abc', '0', '01', '1.0', '1e0', '-1', '%31x', '9'.repeat(40), '１', 'MEM0001'])(
      'and %s is the id of none',
      async (id) => {
        expectRefusal(await desk.get(`/${encodeURIComponent(id)}`), 404, '4040', '会员套餐不存在');
      },
    );

    it('and a status of anything but 0 and 1 is refused', async () => {
      for (const body of [{}, { status: '1' }, { status: 2 }, { status: null }]) {
        const answer = await desk.put('/1/status', body);
        expectRefusal(answer, 400, '4000');
        expect(answer.body.message).toContain('status');
      }
    });
  });

  describe('that are active', () => {
    it('are not edited, whatever the body says', async () => {
      const made = await desk.sold();
      const words = '有效的会员套餐不能修改,请先停用';
      for (const body of [{ name: made.name }, { name: 'x', status: 0 }, { name: 'x', price: '1' }]) {
        expectRefusal(await desk.put(`/${made.id}`, body), 400, '4000', words);
      }
      expect(dataAt(await desk.get(`/${made.id}`))).toEqual(made);
      dataAt(await desk.put(`/${made.id}/status`, { status: 0 }));
      expect(dataAt(await desk.put(`/${made.id}`, { name: 'y', status: 1 }))).toMatchObject({
        name: 'y',
        status: 1,
      });
    });

    it('are never edited by an edit that races with switching them on', async () => {
      for (let round = 0; round < 10; round += 1) {
        const made = await desk.package({ name: '旧' });
        const [edited, switched] = await Promise.all([
          desk.put(`/${made.id}`, { name: '新' }),
          desk.put(`/${made.id}/status`, { status: 1 }),
        ]);
        const after = dataAt(await desk.get(`/${made.id}`));
        expect(switched.status).toBe(200);
        expect(after.name).toBe(edited.status === 200 ? '新' : '旧');
      }
    });

    it('are the valid ones', async () => {
      const [on, off] = [await desk.sold({ name: '开' }), await desk.package({ name: '关' })];
      const ids = dataAt(await desk.get('/valid-list')).map(({ id }: { id: number }) => id);
      expect(ids).toContain(on.id);
      expect(ids).not.toContain(off.id);
      expect(ids).toEqual([...ids].sort((a: number, b: number) => a - b));
    });
  });

  it('that are gone are missing, whoever came second', async () => {
    for (let round = 0; round < 10; round += 1) {
      const made = await desk.package();
      const answers = await Promise.all([
        desk.delete(`/${made.id}`),
        desk.delete(`/${made.id}`),
        desk.put(`/${made.id}`, { name: '改' }),
      ]);
      const codes = answers.slice(0, 2).map(({ body }) => body.code);
      expect(codes.toSorted()).toEqual(['0000', '4040']);
      expect(['0000', '4040']).toContain(answers[2]?.body.code);
      const type = dataAt(await desk.post('/types', { code: `GONE${round}`, name: 'x' }));
      const gone = await Promise.all([1, 2].map(() => desk.delete(`/types/${type.id}`)));
      expect(gone.map(({ body }) => body.code).toSorted()).toEqual(['0000', '4042']);
    }
  });

  it('say in Chinese what is wrong, and of what was sent', async () => {
    const { body } = await desk.post('', { name: 1, price: '9,99', status: '1', validityDays: '3' });
    expect(body.message).toBe(
      [
        '输入有误。 name: 无效输入：期望 string，实际接收 数字',
        'price: 必须为金额,例如 "99.99"',
        'validityDays: 无效输入：期望 数字，实际接收 string',
        'status: 必须为 0 或 1',
      ].join('; '),
    );
    const broken = await desk.client.send('POST', '/api/members', {
      raw: '{',
      headers: { ...desk.headers, 'Content-Type': 'application/json' },
    });
    expect(broken.body.message).toBe('输入有误。 body: 不是有效的 UTF-8 JSON');
    const english = await desk.post('', { name: 'x', status: '1' }, { 'Accept-Language': 'en' });
    expect(english.body.message).toBe('Some of the input is not valid. status: must be 0 or 1');
  });

  it('are made once under one Idempotency-Key', async () => {
    const send = () => desk.post('', { name: '一次' }, { 'Idempotency-Key': 'once' });
    const [first, second] = [await send(), await send()];
    expect(dataAt(second)).toEqual(dataAt(first));
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await desk.post('', { name: '另一次' }, { 'Idempotency-Key': 'once' });
    expectRefusal(other, 422, '4220');
  });

  it('leave an audit row for each change', async () => {
    const made = await desk.package();
    await desk.put(`/${made.id}`, { name: '改' });
    await desk.put(`/${made.id}/status`, { status: 0 });
    await desk.delete(`/${made.id}`);
    const { results } = await db
      .prepare('select action, actor_kind from audit_logs where target = ? order by id')
      .bind(made.code)
      .all();
    expect(results).toEqual(
      ['package.created', 'package.updated', 'package.status_set', 'package.deleted'].map((action) => ({
        action,
        actor_kind: 'client',
      })),
    );
  });
});

describe('member types', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await newDesk();
  });
  const FIELDS_OF_TYPE = ['id', '_id', 'code', 'name', 'status', 'createTime', 'updateTime'];

  it('are listed, newest first, and the active ones oldest first', async () => {
    const off = dataAt(await desk.post('/types', { code: 'OFF', name: '停用' }), '创建会员类型成功');
    expect(Object.keys(off)).toEqual(FIELDS_OF_TYPE);
    expect(off).toMatchObject({ code: 'OFF', name: '停用', status: 0, _id: String(off.id) });
    const { list, total } = dataAt(await desk.get('/types?pageSize=100'), '获取成功');
    expect(list[0]).toEqual(off);
    expect(list).toHaveLength(total);
    const valid = dataAt(await desk.get('/types/valid-list'), '操作成功');
    expect(valid.slice(0, 2)).toEqual([
      { id: 1, _id: '1', code: 'VIP', name: '会员' },
      { id: 2, _id: '2', code: 'GOLD', name: '黄金会员' },
    ]);
    expect(valid.map(({ code }: { code: string }) => code)).not.toContain('OFF');
    expect(dataAt(await desk.get(`/types/${off._id}`))).toEqual(off);
  });

  it('are changed in what is sent', async () => {
    const made = dataAt(await desk.post('/types', { code: 'EDIT', name: '旧', status: 1 }));
    const path = `/types/${made.id}`;
    expect(dataAt(await desk.put(path, { name: '新' }), '更新会员类型成功')).toMatchObject({
      code: 'EDIT',
      name: '新',
      status: 1,
    });
    expect(dataAt(await desk.put(path, { code: 'EDITED', status: 0 }))).toMatchObject({
      code: 'EDITED',
      name: '新',
      status: 0,
    });
    expectRefusal(await desk.put(path, { code: 'VIP' }), 400, '4000', '会员类型编码已存在');
    expectRefusal(await desk.post('/types', { code: 'VIP', name: 'x' }), 400, '4000', '会员类型编码已存在');
    for (const body of [{ code: '' }, { code: 'A B' }, { name: '' }, { status: 3 }, { code: 7 }]) {
      expectRefusal(await desk.put(path, body), 400, '4000');
      expectRefusal(await desk.post('/types', { code: 'NEW', name: 'x', ...body }), 400, '4000');
    }
  });

  it('are deleted where no package has them', async () => {
    const type = dataAt(await desk.post('/types', { code: 'USED', name: '用' }));
    const made = await desk.package({ memberTypeId: type._id });
    const words = '会员类型正在被会员套餐使用,不能删除';
    expectRefusal(await desk.delete(`/types/${type.id}`), 400, '4000', words);
    dataAt(await desk.delete(`/${made.id}`));
    expect(dataAt(await desk.delete(`/types/${type.id}`), '删除会员类型成功')).toEqual({ result: true });
    for (const answer of [
      await desk.delete(`/types/${type.id}`),
      await desk.get(`/types/${type.id}`),
      await desk.put(`/types/${type.id}`, { name: 'x' }),
      await desk.get('/types/abc'),
      await desk.get('/types/MEM0001'),
    ]) {
      expectRefusal(answer, 404, '4042', '会员类型不存在');
    }
    const again = dataAt(await desk.post('/types', { code: 'USED', name: '用' }));
    expect(again.id).toBeGreaterThan(type.id);
  });

  it('never vanish under a package that is made at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const type = dataAt(await desk.post('/types', { code: `RACE${round}`, name: 'x' }));
      const [made, gone] = await Promise.all([
        desk.post('', { name: 'x', memberTypeId: type._id }),
        desk.delete(`/types/${type.id}`),
      ]);
      expect([made.body.code, gone.body.code].toSorted()).toEqual(['0000', '4000']);
    }
  });
});
