/**
 * Hosted zones in which AWS names the load balancers of a Region: that of Application and Classic Load Balancers, then that of
 * Network Load Balancers. Regions that are not here are not judged. [GR:elb]
 */
const zones: Record<string, [string, string]> = {
  "af-south-1": ["Z268VQBMOI5EKX", "Z203XCE67M25HM"],
  "ap-east-1": ["Z3DQVH9N71FHZ0", "Z12Y7K3UBGUAD1"],
  "ap-northeast-1": ["Z14GRHDCWA56QT", "Z31USIVHYNEOWT"],
  "ap-northeast-2": ["ZWKZPGTI48KDX", "ZIBE1TIR4HY56"],
  "ap-northeast-3": ["Z5LXEXXYW11ES", "Z1GWIQ4HH19I5X"],
  "ap-south-1": ["ZP97RAFLXTNZK", "ZVDDRBQ08TROA"],
  "ap-southeast-1": ["Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"],
  "ap-southeast-2": ["Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"],
  "ca-central-1": ["ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"],
  "eu-central-1": ["Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"],
  "eu-north-1": ["Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"],
  "eu-south-1": ["Z3ULH7SSC9OV64", "Z23146JA1KNAFP"],
  "eu-west-1": ["Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"],
  "eu-west-2": ["ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"],
  "eu-west-3": ["Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"],
  "me-south-1": ["ZS929ML54UICD", "Z3QSRYVP46NYYV"],
  "sa-east-1": ["Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"],
  "us-east-1": ["Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"],
  "us-east-2": ["Z3AADJGX6KTTL2", "ZLMOA37VPKANP"],
  "us-west-1": ["Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"],
  "us-west-2": ["Z1H1FL5HABSF5", "Z18D5FSROUN65G"],
};

/** The Region in the name of a load balancer, as in `web-1.eu-central-1.elb.amazonaws.com` or `web-1.elb.eu-central-1.amazonaws.com`; null for any other name. */
export const regionOfBalancer = (name: string): string | null =>
  /\.([a-z]{2}(?:-[a-z]+)+-\d)\.elb\.amazonaws\.com\.?$/i.exec(name)?.[1]?.toLowerCase() ??
  /\.elb\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com\.?$/i.exec(name)?.[1]?.toLowerCase() ??
  null;

/** The zones that an alias to a load balancer of this Region may name; null where they are not known. */
export const balancerZones = (region: string): readonly string[] | null => zones[region] ?? null;

/** The Region whose load balancers have their names in this zone, or null. */
export const regionOfBalancerZone = (zone: string): string | null =>
  Object.keys(zones).find((region) => zones[region]!.includes(zone)) ?? null;
