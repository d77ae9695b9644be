import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Whether a text is an IPv4 or IPv6 address, or such an address with a prefix length (CIDR). */
export function isIpRule(text: string): boolean {
  return parseRule(text) !== null;
}

/** Whether an address is in a list of addresses and CIDR blocks; `::ffff:a.b.c.d` is its IPv4. */
export function ipAllowed(list: string[], address: string | null): boolean {
  const ip = address === null ? null : parseAddress(address);
  if (!ip) return false;
  return list.some((text) => {
    const rule = parseRule(text);
    return rule !== null && rule[0].kind() === ip.kind() && ip.match(rule);
  });
}

/** What throttles count by: an IPv4 address, or the /64 that an IPv6 address is in. */
export function throttleAddress(address: string | null): string {
  const ip = address === null ? null : parseAddress(address);
  if (!ip) return 'unknown';
  if (ip.kind() === 'ipv4') return ip.toString();
  const parts = (ip as ipaddr.IPv6).parts;
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

function parseAddress(text: string): Address | null {
  // A zone (fe80::1%eth0) means something on one machine only.
  if (text.includes('%')) return null;
  // `process` turns IPv4-mapped addresses into IPv4; the four-part form is asked for, since "1" would parse.
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  return ipaddr.process(text);
}

function parseRule(text: string): [Address, number] | null {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0) return null;
  const ip = parseAddress(address);
  if (!ip) return null;
  const bits = ip.kind() === 'ipv4' ? 32 : 128;
  if (prefix === undefined) return [ip, bits];
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return null;
  // A mapped block such as ::ffff:10.0.0.0/104 counts its prefix from the IPv6 start.
  const length = Number(prefix) - (bits === 32 && address.includes(':') ? 96 : 0);
  return length >= 0 && length <= bits ? [ip, length] : null;
}
