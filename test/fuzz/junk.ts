import type { Schema } from './operations.ts';

/** What no field expects. */
export const JUNK: unknown[] = [
  null,
  true,
  0,
  -1,
  -0,
  0.1,
  1e308,
  2 ** 53,
  -(2 ** 31) - 1,
  '',
  ' ',
  '0',
  '-1',
  '1e3',
  'NaN',
  'Infinity',
  '0x10',
  '99999999999999999999.99',
  '49.001',
  '١٢٣',
  "' or 1=1 --",
  '"; drop table users; --',
  '%',
  '_%_',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '\r\nX-Injected: 1',
  '\u0000',
  '\u202e\u200b\ufeff',
  '\ud800',
  '﷽'.repeat(40),
  '😀'.repeat(80),
  'e\u0301',
  'İıŞß',
  '2024-02-30T00:00:00Z',
  '+010000-01-01T00:00:00Z',
  '0000-00-00 00:00:00',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'http://169.254.169.254/',
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  [],
  [[]],
  {},
  { toString: 1 },
  { $gt: '' },
  JSON.parse('{"__proto__":{"role":"admin"}}'),
  Array.from({ length: 300 }, () => 'x'),
];

/** Bodies that are no JSON, or none of an object. */
export const RAW: string[] = [
  '',
  ' ',
  '{',
  '[',
  '"',
  '{"a":}',
  "{'a': 1}",
  '{"a":1,}',
  'null',
  '1',
  'NaN',
  '"text"',
  '[]',
  '[{}]',
  '{"a":1}{"b":2}',
  '{"a":"\\ud8',
  'a=b&a=c',
  '<a/>',
  '['.repeat(3000),
  `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
  `{"a":"${'x'.repeat(70_000)}"}`,
];

const EVERY_TYPE: [string, unknown][] = [
  ['null', null],
  ['boolean', true],
  ['integer', 1],
  ['number', 1.5],
  ['string', 'x'],
  ['array', ['x']],
  ['object', { x: 1 }],
];

/** Values just beyond what a schema allows, one for each thing it says. */
export function violationsOf(schema: Schema): unknown[] {
  const types = [schema.type ?? []].flat();
  const wrong = EVERY_TYPE.filter(
    ([type]) => !types.includes(type) && !(type === 'integer' && types.includes('number')),
  );
  const values = wrong.map(([, value]) => value);
  const { minLength = 0, maxLength, minimum, maximum, exclusiveMinimum, maxItems, minItems = 0 } = schema;
  if (minLength > 0) values.push('x'.repeat(minLength - 1), ' '.repeat(minLength));
  if (maxLength !== undefined) values.push('x'.repeat(maxLength + 1), '😀'.repeat(maxLength));
  if (minimum !== undefined) values.push(minimum - 1, minimum - 0.5);
  if (exclusiveMinimum !== undefined) values.push(exclusiveMinimum);
  if (maximum !== undefined) values.push(maximum + 1, maximum * 1e6);
  if (maxItems !== undefined) values.push(Array.from({ length: maxItems + 1 }, () => 'x'));
  if (minItems > 0) values.push([]);
  if (schema.enum) values.push('no such', String(schema.enum[0]).toUpperCase(), `${schema.enum[0]} `);
  if (schema.format || schema.pattern) values.push('not like that', '-', '1', '0'.repeat(400));
  if (types.includes('integer')) values.push(0.5, 1e21, 2 ** 53, '1');
  return values;
}
