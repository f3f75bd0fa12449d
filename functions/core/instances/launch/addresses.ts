/** IPv4 arithmetic for launching at a known address. An address outside its network, or a reserved one, gives null. */
export const sameHostPart = (address: string, from: string, to: string): string | null => {
  const source = network(from);
  const target = network(to);
  const host = toNumber(address) - source.first;
  if (host < 0 || host >= source.size) return null;
  const moved = toAddress(target.first + host);
  return isUsable(moved, to) ? moved : null;
};

/** True when a server may have the address in this subnet: AWS keeps the first four and the last. [EC2: subnet sizing] */
export const isUsable = (address: string, cidr: string): boolean => {
  const { first, size } = network(cidr);
  const host = toNumber(address) - first;
  return host >= 4 && host < size - 1;
};

const network = (cidr: string) => {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return { first: Math.floor(toNumber(base) / size) * size, size };
};

const toNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** One that the internet has no way to. [RFC 1918, RFC 6598] */
export const isPrivateAddress = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address);
