/** How somebody shows who they are. A back office also names its site and system. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The access token of `POST /api/v1/auth/login`, good for ten minutes. The storefront also takes a token of ' +
      '`POST /api/v1/storefront/token`.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'sk-…',
    description: 'An API key, for machines (`POST /api/v1/users/me/apikeys`).',
  },
  clientKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Client',
    description: 'The key of a back office’s client (`POST /admin/v1/clients`).',
  },
  site: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Site',
    description: 'The site that a back office works on: `default`.',
  },
  systemCode: {
    type: 'apiKey',
    in: 'header',
    name: 'X-System-Code',
    description: 'The system that a back office works in, which the caller was granted: `AUTH_MANAGEMENT`.',
  },
} as const;

/** What any request may say: which site, and in which language it wants to be answered. */
export const SITE = {
  name: 'X-Site',
  in: 'header' as const,
  description: 'Which site; without it the one of the host, else `default`.',
  schema: { type: 'string' as const, examples: ['default'] },
};
export const LANGUAGE = {
  name: 'Accept-Language',
  in: 'header' as const,
  description:
    'The language of messages: `zh` or `en`. Without it English on the platform, Chinese on the other surfaces.',
  schema: { type: 'string' as const, examples: ['en'] },
};

/** What answers say beside their body. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'The request’s id, which every line of the log names.',
    schema: { type: 'string' },
    example: 'req_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  },
  'Retry-After': {
    description: 'Seconds until it makes sense to ask again.',
    schema: { type: 'integer', minimum: 1 },
    example: 12,
  },
  ETag: {
    description: 'What to send as `If-None-Match`.',
    schema: { type: 'string' },
    example: '"6a1f0c3e"',
  },
  'Idempotent-Replayed': {
    description: '`true` where this is the first answer once more.',
    schema: { type: 'string' },
    example: 'true',
  },
  'RateLimit-Policy': {
    description: 'Every limit that applies: its quota `q` and, but for months, its window `w` in seconds.',
    schema: { type: 'string' },
    example: '"tpm";q=100000;w=60, "tpd";q=1000000;w=86400',
  },
  RateLimit: {
    description: 'What remains (`r`), and in how many seconds that grows next (`t`).',
    schema: { type: 'string' },
    example: '"tpm";r=41200;t=23, "tpd";r=700000;t=50400',
  },
  'X-RateLimit-Limit-Tokens': {
    description: 'The tokens a minute, as clients of AI services read it.',
    schema: { type: 'string' },
    example: '100000',
  },
  'X-RateLimit-Remaining-Tokens': {
    description: 'What remains of these.',
    schema: { type: 'string' },
    example: '41200',
  },
  'X-RateLimit-Reset-Tokens': {
    description: 'When that grows next.',
    schema: { type: 'string' },
    example: '23s',
  },
} as const;

/** What operations are about, in the order in which the reference shows them. */
export const TAGS = [
  { name: 'Authorisation', description: 'Public key, captcha, sign-in' },
  { name: 'Users', description: 'Accounts' },
  { name: 'Verification', description: 'Papers of people and companies' },
  { name: 'API keys', description: 'Keys for machines' },
  { name: 'Quota', description: 'Who may spend tokens now; the guide is at `/docs/guides/quota`' },
  { name: 'Membership plans', description: 'What is sold' },
  { name: 'Membership', description: 'What is held' },
  {
    name: 'Orders',
    description: 'What is bought, and paying for it; the guide is at `/docs/guides/payments`',
  },
  { name: 'Wallet and vouchers', description: 'Money that is kept here, and what lowers a price' },
  { name: 'Enterprise', description: 'Companies, their members and what these may spend' },
  { name: 'Service', description: 'Whether it is up, and what payment providers tell it' },
  { name: 'Admin: users', description: 'Finding, freezing and empowering users' },
  { name: 'Admin: verifications', description: 'Papers that wait to be looked at' },
  { name: 'Admin: enterprises', description: 'Companies and who owns them' },
  { name: 'Admin: orders', description: 'What was bought, what was paid, and what goes back' },
  {
    name: 'Admin: vouchers and wallets',
    description: 'Vouchers for users, and amounts that are booked by hand',
  },
  { name: 'Admin: statistics', description: 'Members and revenue' },
  { name: 'Admin: audit', description: 'Who did what' },
  { name: 'Admin: clients', description: 'Machines of back offices' },
  { name: 'Membership packages', description: 'What back offices sell' },
  { name: 'Member types', description: 'Kinds of members that packages are for' },
  { name: 'Alliance', description: 'Tiers of members, their gifts and rewards' },
  { name: 'Admin: tiers', description: 'The ladder, and what it grants' },
  { name: 'Admin: tier purchases', description: 'What was bought and reached, and what is shipped' },
  { name: 'Admin: rewards and withdrawals', description: 'What inviters earn, and what they take out' },
  { name: 'Storefront', description: 'ShopXO’s VIP levels' },
  { name: 'Admin: storefront', description: 'Its settings, levels and members' },
];
