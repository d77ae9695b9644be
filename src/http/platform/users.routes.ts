import { RegisterInput } from '#flows/register';
import { operation } from './operation.ts';
import { Account, Me } from './users.schemas.ts';

const tag = 'Users';

export const register = operation({
  method: 'post',
  path: '/api/v1/users/register',
  access: 'anyone',
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
    'email_taken',
    'phone_taken',
    'invite_code_invalid',
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
