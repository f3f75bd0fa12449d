/**
 * The checked plan: the only form of a plan that a Lambda reads. `lifeboat check` and `deploy` compile it from the
 * YAML of docs/plan.md; it is stored as JSON, versioned, in the recovery Region. Durations are whole seconds.
 */
export type Plan = {
  version: 1;
  application: string;
  priority: number;
  /** In which `cron(...)` of `every` fires; absent: UTC. */
  timeZone?: string;
  regions: { primary: string; recovery: string };
  objectives: { rpoSeconds: number; rtoSeconds: number };
  detect: Detect;
  protect: Resource[];
  recover: {
    /** Names of resources, in the order in which they are recovered. */
    waves: string[][];
    /** `together`: all waves are launched at once, and verified and judged in order. Absent in plans of before. */
    boot?: "inOrder" | "together";
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
  /** `approve`: a run is started, and asks a person before it moves anything. */
  action: "notify" | "approve" | "automatic";
  witnesses: Witness[];
  /** `unhealthy` of the witnesses, `regional` of them regional, for `sustainedSeconds`. */
  verdict: { unhealthy: number; regional: number; sustainedSeconds: number };
  armAfterHealthySeconds: number;
  blockSeconds: number;
  maintenance: { cron: string; forSeconds: number; timeZone?: string }[];
  approval: { withinSeconds: number; otherwise: "hold" | "act" };
  /** Third Region that is asked, when something is red, whether we see the world at all; null or absent: none. */
  control?: string | null;
};

export type Witness =
  | { name: string; kind: "alarm"; alarm: string; region: string }
  /** A Route 53 health check, read through the data plane: the TXT pair `text` answers healthy or unhealthy. */
  | { name: string; kind: "healthCheck"; healthCheck: string; text: string; zone: string }
  | Probe
  | { name: string; kind: "api"; region: string }
  /** No report of the sensor of a Region for so long. */
  | { name: string; kind: "silence"; region: string; afterSeconds: number }
  /** An open issue that AWS Health tells of one of these services there. */
  | { name: string; kind: "awsHealth"; services: string[]; region: string };

export type Probe = {
  name: string;
  kind: "probe";
  /** http:, https: or tcp://host:port. */
  url: string;
  connect: string | null;
  side: "primary" | "recovery";
  /** Statuses that count as healthy; empty = 2xx and 3xx. */
  expect: number[];
  /** Text that the body must hold. */
  contains: string | null;
  /** Third Region whose sensor probes; null = the recovery Region. */
  from: string | null;
};

/** One thing to protect. Only the kind `instances` exists so far. */
export type Resource = {
  name: string;
  kind: "instances";
  select: { tags: Record<string, string> };
  /** Device names of volumes that are not protected; `replace`: a launched server has empty ones in their place. */
  exclude: { volumes: string[]; replace?: "empty" };
  /** `rate(...)` or `cron(...)` as EventBridge reads it, and its shortest interval. */
  every: string;
  everySeconds: number;
  /** Points that are kept, by calendar class; `keepSource` the same for the snapshots in the source Region, null = as `keep`. */
  keep: Keep;
  keepSource: Keep | null;
  /** Key of the recovery Region (alias, id or ARN), or null: unencrypted stays so, encrypted uses the account's default key. */
  encryptKey: string | null;
  timeBased: boolean;
  /** Further tags of its snapshots, copies and images: the plan's, the same for every resource. */
  tags?: Record<string, string>;
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
  /** What differs from the source; absent: nothing does. */
  metadata?: {
    tokens?: "required" | "optional";
    hopLimit?: number;
    tags?: "enabled" | "disabled";
    endpoint?: "enabled" | "disabled";
  };
  /** open, none, only (reservations, else no launch), the id of one, or the ARN of a group of them; absent: as the source. */
  capacityReservation?: string;
  /** MiB/s at which EBS loads a new volume's blocks from its snapshot; absent: as it can. */
  initializationRate?: number;
  /** By Name tag. */
  overrides: Record<string, { instanceTypes?: string[]; subnet?: string; address?: string; securityGroups?: string[] }>;
};

/** One of `http`, `https` and `tcp`; with `targetGroup` none is needed: its own check decides. */
export type Verify = {
  /** Port and path, as in ":8080/healthz". */
  http?: Page;
  https?: Page;
  tcp?: { port: number };
  withinSeconds: number;
  from: "targetGroup" | "public" | "ssm";
  /** True: no server serves before EBS has loaded the blocks of all its volumes. */
  initialized?: boolean;
};
export type Page = { port: number; path: string };

export type RecordValue = { addresses: string[] } | { alias: { zone: string; name: string } } | { launched: string };

export type TrafficRecord = {
  /** Fully qualified, lower case, without the trailing dot. */
  name: string;
  type: "A" | "AAAA" | "CNAME";
  policy: "failover" | "weighted" | "latency" | "geolocation" | "multivalue" | "simple";
  ttlSeconds: number;
  primary: RecordValue;
  recovery: RecordValue;
  setIdentifiers: { primary: string; recovery: string };
  zone: string;
  /** In a private hosted zone: verified from inside the VPC. */
  private: boolean;
  /** Weighted only: percent of the traffic that moves at each step, ascending, the last is 100; and how long each is watched. */
  steps: number[];
  gateSeconds: number;
  /** ARNs of the routing controls whose health checks are on the pair; only with the switch routing-control. */
  routingControls: { primary: string; recovery: string } | null;
};

export type Traffic = {
  switch: "takeover" | "routing-control" | "records";
  /** The five Regional endpoints of the ARC cluster: they cannot be asked for at the time of a failover. */
  cluster: { endpoints: { region: string; url: string }[] } | null;
  /** `create`, or the id of the health check on the PRIMARY records. */
  healthCheck: string;
  acceptControlPlane: boolean;
  allowHealthInputs: boolean;
  zone: string;
  records: TrafficRecord[];
};
