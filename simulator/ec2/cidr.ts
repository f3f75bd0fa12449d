/** IPv4 ranges, as numbers. */
export const toNumber = (address: string) => address.split(".").reduce((value, part) => value * 256 + Number(part), 0);

export const toAddress = (value: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

export const rangeOf = (cidr: string) => {
  const [network = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(network) / size) * size;
  return { first, size };
};

export const contains = (cidr: string, address: string) => {
  const { first, size } = rangeOf(cidr);
  const value = toNumber(address);
  return value >= first && value < first + size;
};

/** Addresses that instances may have: not the first four nor the last of a subnet. [VPC: subnet sizing] */
export const isUsable = (cidr: string, address: string) => {
  const { first, size } = rangeOf(cidr);
  const host = toNumber(address) - first;
  return host >= 4 && host < size - 1;
};
