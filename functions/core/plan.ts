/**
 * The checked plan: the only form of a plan that a Lambda reads. `lifeboat check` and `deploy` compile it from the
 * YAML of docs/plan.md; it is stored as JSON, versioned, in the recovery Region. Durations are whole seconds.
 */
export type Plan = {
  version: 1;
  application: string;
  priority: number;
  regions: { primary: string; recovery: string };
  objectives: { rpoSeconds: number; rtoSeconds: number };
  detect: Detect;
  protect: Resource[];
  recover: {
    /** Names of resources, in the order in which they are recovered. */
    waves: string[][];
    fence: "required" | "best-effort";
    fenceFirst: boolean;
    onFailure: "hold" | "unfence";
    lossBudgetSeconds: number;
  };
  traffic: Traffic | null;
  notify: { topics: string[]; on: NotifyOn[] };
};

export type NotifyOn = "decision" | "hold" | "done" | "rpo";

export type Detect = {
  action: "notify" | "automatic";
  witnesses: Witness[];
  /** `unhealthy` of the witnesses, `regional` of them regional, for `sustainedSeconds`. */
  verdict: { unhealthy: number; regional: number; sustainedSeconds: number };
  armAfterHealthySeconds: number;
  blockSeconds: number;
  maintenance: { cron: string; forSeconds: number }[];
  approval: { withinSeconds: number; otherwise: "hold" | "act" };
};

export type Witness =
  | { name: string; kind: "alarm"; alarm: string; region: string }
  | { name: string; kind: "probe"; url: string; connect: string | null; side: "primary" | "recovery" }
  | { name: string; kind: "api"; region: string };

/** One thing to protect. Only the kind `instances` exists so far. */
export type Resource = {
  name: string;
  kind: "instances";
  select: { tags: Record<string, string> };
  /** Device names of volumes that are not protected. */
  exclude: { volumes: string[] };
  /** `rate(...)` or `cron(...)` as EventBridge reads it, and its shortest interval. */
  every: string;
  everySeconds: number;
  /** Points that are kept, by calendar class; `keepSource` the same for the snapshots in the source Region, null = as `keep`. */
  keep: Keep;
  keepSource: Keep | null;
  /** Key of the recovery Region (alias, id or ARN), or null: unencrypted stays so, encrypted uses the account's default key. */
  encryptKey: string | null;
  timeBased: boolean;
  lockSeconds: number;
  /** SSM documents that make the application on a server consistent before, and let it go on after, its snapshots. */
  consistency: { before: string; after: string; withinSeconds: number } | null;
  launch: Launch;
  verify: Verify | null;
};

export type Keep = { hourly: number; daily: number; weekly: number; monthly: number; yearly: number };

export type Launch = {
  /** Availability Zone of the recovery Region -> subnets, in order of preference. */
  subnets: Record<string, string[]>;
  drillSubnets: Record<string, string[]>;
  securityGroups: string[];
  /** In order of preference; `same` = as the source. */
  instanceTypes: string[];
  /** `same` (as the source), a name, or null (none). */
  instanceProfile: string | null;
  address: "auto" | "same-host-part" | Record<string, string>;
  /** Allocation ids of pre-provisioned Elastic IPs, in server order. */
  elasticIps: string[];
  targetGroups: string[];
  userData: "same" | "none";
  tags: Record<string, string>;
  /** Enough servers to go on, in percent of the resource's servers. */
  minimumPercent: number;
  /** By Name tag. */
  overrides: Record<string, { instanceTypes?: string[]; subnet?: string; address?: string; securityGroups?: string[] }>;
};

export type Verify = {
  /** Port and path, as in ":8080/healthz". */
  http: { port: number; path: string };
  withinSeconds: number;
  from: "targetGroup" | "public" | "ssm";
};

export type RecordValue = { addresses: string[] } | { alias: { zone: string; name: string } } | { launched: string };

export type TrafficRecord = {
  /** Fully qualified, lower case, without the trailing dot. */
  name: string;
  type: "A" | "AAAA" | "CNAME";
  policy: "failover" | "simple";
  ttlSeconds: number;
  primary: RecordValue;
  recovery: RecordValue;
  setIdentifiers: { primary: string; recovery: string };
  zone: string;
};

export type Traffic = {
  switch: "takeover" | "records";
  /** `create`, or the id of the health check on the PRIMARY records. */
  healthCheck: string;
  acceptControlPlane: boolean;
  allowHealthInputs: boolean;
  zone: string;
  records: TrafficRecord[];
};
