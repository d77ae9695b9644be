import { z } from '@hono/zod-openapi';
import { DeleteAccountInput } from '#flows/accounts/account-data';
import { ConfirmEmailInput } from '#flows/accounts/confirm-email';
import { SendCodeInput } from '#flows/accounts/email-code';
import { ChangePasswordInput } from '#flows/accounts/passwords';
import { RegisterInput } from '#flows/accounts/register';
import { UpdateProfileInput } from '#modules/accounts/update-profile';
import { operation } from './operation.ts';
import { Done } from './schemas.ts';
import { Account, AccountExport, Me } from './users.schemas.ts';

const tag = 'Users';

export const register = operation({
  method: 'post',
  path: '/api/v1/users/register',
  access: 'open',
  tag,
  summary: 'Register',
  status: 201,
  idempotent: true,
  body: RegisterInput.openapi('Register'),
  data: Account,
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
  access: 'person',
  tag,
  summary: 'The signed-in user',
  data: Me,
});

export const updateMe = operation({
  method: 'put',
  path: '/api/v1/users/me',
  access: 'person',
  tag,
  summary: 'Change nickname and avatar',
  body: UpdateProfileInput.openapi('UpdateProfile'),
  data: Me,
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
  access: 'person',
  tag,
  summary: 'Change the password',
  description: 'All other sessions end.',
  body: ChangePasswordInput.openapi('ChangePassword'),
  data: Done,
  errors: [...PASSWORD_ERRORS, 'password_weak'],
});

export const sendCode = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/email',
  access: 'anyone',
  tag,
  summary: 'Mail a code',
  description:
    'Without a sign-in for `register` and `reset_password`, with one for `change_email`. The answer is the ' +
    'same whether there is an account or not. From the second in an hour on a captcha is asked for.',
  idempotent: true,
  body: SendCodeInput.openapi('SendCode'),
  data: z.object({ expires_in: z.int().openapi({ description: 'Seconds', example: 600 }) }),
  errors: ['unauthenticated', 'account_throttled', 'captcha_required', 'captcha_invalid'],
});

export const confirmEmail = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/email/confirm',
  access: 'person',
  tag,
  summary: 'Verify the address, or change it',
  body: ConfirmEmailInput.openapi('ConfirmEmail'),
  data: z.object({ email: z.string(), email_verified: z.boolean() }),
  errors: [...PASSWORD_ERRORS, 'code_invalid', 'email_taken'],
});

export const exportMe = operation({
  method: 'get',
  path: '/api/v1/users/me/export',
  access: 'person',
  tag,
  summary: 'All that is kept of me',
  data: AccountExport,
});

export const deleteMe = operation({
  method: 'delete',
  path: '/api/v1/users/me',
  access: 'person',
  tag,
  summary: 'End the account and erase personal data',
  body: DeleteAccountInput.openapi('DeleteAccount'),
  data: Done,
  errors: [...PASSWORD_ERRORS, 'last_admin', 'service_unavailable'],
});
