/** What a new key costs: every volume is copied in full once, and the new copies share no block with the old ones. */
export type RekeyCost = { volumes: number; sizeGiB: number; transferUsd: number; storageUsdMonthly: number };

/** US Dollars per GiB. The dearest usual ones: other pairs of Regions differ. */
const transferUsdPerGiB = 0.02;
const storageUsdPerGiBMonth = 0.05;

export const priceSource =
  "prices of us-east-1 to us-west-2: https://aws.amazon.com/ec2/pricing/on-demand/ ($0.02 per GiB sent), https://aws.amazon.com/ebs/pricing/ ($0.05 per GiB and month of snapshots)";

/** An upper bound: only written blocks are copied and stored, which EC2 does not tell beforehand. */
export const rekeyCost = (sizesGiB: number[]): RekeyCost => {
  const sizeGiB = sizesGiB.reduce((sum, size) => sum + size, 0);
  return {
    volumes: sizesGiB.length,
    sizeGiB,
    transferUsd: cents(sizeGiB * transferUsdPerGiB),
    storageUsdMonthly: cents(sizeGiB * storageUsdPerGiBMonth),
  };
};

const cents = (usd: number) => Math.round(usd * 100) / 100;
