import type { PaymentProvider, PaymentsPort } from '#kernel/ports';
import type { PaymentAccounts } from './accounts.ts';
import { alipayProvider } from './alipay.ts';
import type { Outside } from './outside.ts';
import { stripeProvider } from './stripe.ts';
import { wxpayProvider } from './wxpay.ts';

/** The providers at which a site has an account. */
export function providersOf({ stripe, wxpay, alipay }: PaymentAccounts, site: string, outside: Outside) {
  return [
    ...(stripe ? [stripeProvider(stripe, site, outside)] : []),
    ...(wxpay ? [wxpayProvider(wxpay, outside)] : []),
    ...(alipay ? [alipayProvider(alipay, outside)] : []),
  ];
}

/** The providers that are on, by name. */
export function paymentRegistry(providers: PaymentProvider[]): PaymentsPort {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  return { names: () => [...byName.keys()], find: (name) => byName.get(name) };
}
