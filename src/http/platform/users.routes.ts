import { z } from '@hono/zod-openapi';
import { DeleteAccountInput } from '#flows/accounts/account-data';
import { ConfirmEmailInput } from '#flows/accounts/confirm-email';
import { SendCodeInput } from '#flows/accounts/email-code';
import { ChangePasswordInput } from '#flows/accounts/passwords';
import { RegisterInput } from '#flows/accounts/register';
import { UpdateProfileInput } from '#modules/accounts/update-profile';
import { operation } from './operation.ts';
import { Done } from './schemas.ts';
import {
  ACCOUNT,
  ACCOUNT_EXPORT,
  CAPTCHA_TOKEN,
  CIPHERTEXT,
  KEY_ID,
  ME,
  NEW_CIPHERTEXT,
} from './users.examples.ts';
import { Account, AccountExport, Me } from './users.schemas.ts';

const tag = 'Users';

export const register = operation({
  method: 'post',
  path: '/api/v1/users/register',
  operationId: 'registerUser',
  access: 'open',
  tag,
  summary: 'Register',
  description:
    '`password` is a ciphertext (`GET /api/v1/auth/public-key`) and `captcha_token` is spent also where the ' +
    'registration fails. An `enterprise` account makes its unverified company and needs `enterprise_name`; `email_code` ' +
    '(purpose `register`) verifies the address at once, `invite_code` is an invitation (`inv_…`) or somebody’s referral ' +
    'code. It signs nobody in: next is `POST /api/v1/auth/login`.',
  status: 201,
  idempotent: true,
  body: RegisterInput.openapi('Register'),
  data: Account,
  example: {
    body: {
      user_type: 'personal',
      email: 'user@example.com',
      key_id: KEY_ID,
      password: CIPHERTEXT,
      phone: '13800138000',
      captcha_token: CAPTCHA_TOKEN,
      email_code: '482913',
    },
    data: ACCOUNT,
  },
  errors: [
    'account_throttled',
    'captcha_invalid',
    'ciphertext_invalid',
    'password_weak',
    'code_invalid',
    'email_taken',
    'phone_taken',
    'invite_code_invalid',
    'invitation_not_yours',
    'invitation_ended',
  ],
});

export const me = operation({
  method: 'get',
  path: '/api/v1/users/me',
  operationId: 'getMe',
  access: 'person',
  tag,
  summary: 'The signed-in user',
  description:
    'The account with the level that counts now: of whoever belongs to an enterprise, that of the enterprise. What the ' +
    'plan allows is at `GET /api/v1/membership/me`.',
  data: Me,
  example: { data: ME },
});

export const updateMe = operation({
  method: 'put',
  path: '/api/v1/users/me',
  operationId: 'updateMe',
  access: 'person',
  tag,
  summary: 'Change nickname and avatar',
  description:
    'What is left out stays, null takes away; no other field changes anything here. `avatar` is the https address of a ' +
    'picture, nothing is uploaded.',
  body: UpdateProfileInput.openapi('UpdateProfile'),
  data: Me,
  example: {
    body: { nickname: '李四', avatar: 'https://oss.example.com/avatars/new.jpg' },
    data: { ...ME, nickname: '李四', avatar: 'https://oss.example.com/avatars/new.jpg' },
  },
});

const PASSWORD_ERRORS = [
  'account_throttled',
  'captcha_required',
  'captcha_invalid',
  'ciphertext_invalid',
  'password_wrong',
] as const;

export const changePassword = operation({
  method: 'put',
  path: '/api/v1/users/me/password',
  operationId: 'changePassword',
  access: 'person',
  tag,
  summary: 'Change the password',
  description:
    'All other sessions end, and a mail tells of it; API keys go on. Both passwords are ciphertexts to the key `key_id`, ' +
    'and must differ. After three failures a `captcha_token` is asked for, as at login.',
  body: ChangePasswordInput.openapi('ChangePassword'),
  data: Done,
  example: {
    body: { key_id: KEY_ID, old_password: CIPHERTEXT, new_password: NEW_CIPHERTEXT },
    data: {},
  },
  errors: [...PASSWORD_ERRORS, 'password_weak'],
});

export const sendCode = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/email',
  operationId: 'sendEmailCode',
  access: 'anyone',
  tag,
  summary: 'Mail a code',
  description:
    'Without a sign-in for `register` and `reset_password`, with one for `change_email`. The answer is the ' +
    'same whether there is an account or not. Six digits, five tries; one a minute and five an hour for an address. ' +
    'From the second in an hour on a captcha is asked for.',
  idempotent: true,
  body: SendCodeInput.openapi('SendCode'),
  data: z.object({ expires_in: z.int().openapi({ description: 'Seconds', example: 600 }) }),
  example: {
    body: { email: 'user@example.com', purpose: 'register' },
    data: { expires_in: 600 },
  },
  errors: ['unauthenticated', 'account_throttled', 'captcha_required', 'captcha_invalid'],
});

export const confirmEmail = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/email/confirm',
  operationId: 'confirmEmail',
  access: 'person',
  tag,
  summary: 'Verify the address, or change it',
  description:
    '`register` verifies the address that the account has. `change_email` moves the account to `email`, to which the ' +
    'code was mailed, and needs the password too; the old address is told, and all other sessions end. The code must ' +
    'have been asked for with the same `purpose`.',
  body: ConfirmEmailInput.openapi('ConfirmEmail'),
  data: z.object({ email: z.string(), email_verified: z.boolean() }),
  example: {
    body: {
      purpose: 'change_email',
      email: 'new@example.com',
      code: '730546',
      key_id: KEY_ID,
      password: CIPHERTEXT,
    },
    data: { email: 'new@example.com', email_verified: true },
  },
  errors: [...PASSWORD_ERRORS, 'code_invalid', 'email_taken'],
});

export const exportMe = operation({
  method: 'get',
  path: '/api/v1/users/me/export',
  operationId: 'exportMe',
  access: 'person',
  tag,
  summary: 'All that is kept of me',
  description:
    'One JSON document without pages: account, sessions (ended ones too), keys, orders, memberships, money. Phone and ' +
    'addresses are whole; whole API keys and the papers of a verification are not in it, nor are the orders of an ' +
    'enterprise. `until` of a grant is exclusive.',
  data: AccountExport,
  example: { data: ACCOUNT_EXPORT },
});

export const deleteMe = operation({
  method: 'delete',
  path: '/api/v1/users/me',
  operationId: 'deleteMe',
  access: 'person',
  tag,
  summary: 'End the account and erase personal data',
  description:
    'At once and for good, with the password once more: sessions and API keys end, personal data and identity papers are ' +
    'erased, orders and the ledger stay without a name. Nothing is paid back. A company ends with its owner; one that ' +
    'has members must be handed over first (`PUT /api/v1/enterprise/owner`).',
  body: DeleteAccountInput.openapi('DeleteAccount'),
  data: Done,
  example: { body: { key_id: KEY_ID, password: CIPHERTEXT }, data: {} },
  errors: [...PASSWORD_ERRORS, 'last_admin', 'enterprise_has_members', 'service_unavailable'],
});
