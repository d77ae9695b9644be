import type { PaymentProvider, PaymentsPort } from '#kernel/ports';

/** The providers that this deployment has switched on. */
export function paymentRegistry(providers: PaymentProvider[]): PaymentsPort {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  return { names: () => [...byName.keys()], find: (name) => byName.get(name) };
}
