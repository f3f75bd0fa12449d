/** One record set of a hosted zone, as Route 53 has it now. */
export type RecordSet = {
  /** Fully qualified, lower case, without the trailing dot. */
  name: string;
  type: string;
  setIdentifier: string | null;
  failover: "PRIMARY" | "SECONDARY" | null;
  /** Weighted, latency, geographic, multivalue or CIDR: a policy that no change of ours may touch. */
  otherPolicy: boolean;
  /** Null on an alias. */
  ttlSeconds: number | null;
  values: string[];
  alias: { zone: string; name: string; evaluateTargetHealth: boolean } | null;
  healthCheck: string | null;
};
