import type { Question } from "../../functions/core/model/approval-request.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import type { Row } from "../../functions/core/model/row.ts";
import type { Run, ServerRef } from "../../functions/core/model/run.ts";
import { newServer, type Server } from "../../functions/core/model/server.ts";
import type { RecordSet } from "../../functions/core/traffic/record-changes.ts";

/** Test objects in one expression: a whole one, with the parts that the case is about. */
export const aResource = (over: Partial<Resource> = {}): Resource => ({
  name: "web",
  kind: "instances",
  select: { tags: { App: "shop" } },
  exclude: { volumes: [] },
  every: "rate(30 minutes)",
  everySeconds: 1800,
  keep: { hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 0 },
  keepSource: null,
  consistency: null,
  encryptKey: null,
  timeBased: false,
  lockSeconds: 0,
  launch: {
    subnets: { "eu-central-1a": ["subnet-a"], "eu-central-1b": ["subnet-b"] },
    drillSubnets: {},
    securityGroups: ["sg-1"],
    instanceTypes: ["same", "m6i.large"],
    instanceProfile: "same",
    address: "same-host-part",
    elasticIps: [],
    targetGroups: [],
    userData: "same",
    tags: {},
    minimumPercent: 100,
    overrides: {},
  },
  verify: null,
  ...over,
});

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  version: 1,
  application: "shop",
  priority: 5,
  regions: { primary: "eu-west-1", recovery: "eu-central-1" },
  objectives: { rpoSeconds: 3600, rtoSeconds: 900 },
  detect: {
    action: "automatic",
    witnesses: [
      {
        name: "canary",
        kind: "probe",
        url: "https://shop.example.com/healthz",
        connect: "192.0.2.10",
        side: "primary",
        expect: [],
        contains: null,
        from: null,
      },
      { name: "region", kind: "api", region: "eu-west-1" },
    ],
    verdict: { unhealthy: 2, regional: 1, sustainedSeconds: 180 },
    armAfterHealthySeconds: 600,
    blockSeconds: 3600,
    maintenance: [],
    approval: { withinSeconds: 1800, otherwise: "hold" },
  },
  protect: [aResource()],
  recover: {
    waves: [["web"]],
    fence: "best-effort",
    fenceFirst: false,
    onFailure: "hold",
    lossBudgetSeconds: 3600,
  },
  traffic: {
    switch: "takeover",
    cluster: null,
    healthCheck: "create",
    acceptControlPlane: false,
    allowHealthInputs: false,
    zone: "Z0123456789ABCDEFGHIJ",
    records: [
      {
        name: "shop.example.com",
        type: "A",
        policy: "failover",
        ttlSeconds: 30,
        primary: { addresses: ["192.0.2.10"] },
        recovery: { addresses: ["198.51.100.10"] },
        setIdentifiers: { primary: "primary", recovery: "recovery" },
        zone: "Z0123456789ABCDEFGHIJ",
        private: false,
        steps: [100],
        gateSeconds: 0,
        routingControls: null,
      },
    ],
  },
  notify: { topics: [], on: ["decision", "hold", "done", "rpo"] },
  ...over,
});

export const aRun = (over: Partial<Run> = {}): Run => ({
  application: "shop",
  machine: "failover",
  id: "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1",
  name: "run-1",
  startedAt: "2026-03-02T12:00:00.000Z",
  planVersion: "v1",
  from: over.source === "eu-central-1" ? "recovery" : "primary",
  to: over.source === "eu-central-1" ? "primary" : "recovery",
  source: "eu-west-1",
  target: "eu-central-1",
  fenceFirst: false,
  unfenceOnFailure: false,
  request: { by: "person", reason: null, recoveryPoint: "latest", approve: false, force: false },
  incident: null,
  answer: null,
  resume: null,
  ...over,
});

export const aServer = (over: Partial<ServerRef> = {}): ServerRef => ({
  resource: "web",
  server: "i-0a",
  point: "web.20260302T113000Z",
  name: "web-1",
  index: 0,
  zone: 0,
  ...over,
});

/** The same server in the table of a run. */
export const aServerItem = (over: Partial<Server> = {}): Server => ({ ...newServer(aServer(), 0), ...over });

export const aRow = (over: Partial<Row> = {}): Row => ({
  application: "shop",
  active: "eu-west-1",
  generation: 1,
  phase: "protected",
  switch: 0,
  run: null,
  protect: null,
  lastRun: null,
  ...over,
});

/** What `aRun()` asks. */
export const aQuestion = (over: Partial<Question> = {}): Question => ({
  run: aRun().name,
  execution: aRun().id,
  code: "Incident",
  because: "2 of 2 witnesses are unhealthy",
  askedAt: "2026-03-02T12:00:00.000Z",
  until: "2026-03-02T12:30:00.000Z",
  otherwise: "hold",
  answer: null,
  closedAt: null,
  ...over,
});

export const aPoint = (over: Partial<Point> = {}): Point => ({
  application: "shop",
  resource: "web",
  id: "web.20260302T113000Z",
  state: "complete",
  source: "eu-west-1",
  target: "eu-central-1",
  openedAt: "2026-03-02T11:30:00.000Z",
  pointAt: "2026-03-02T11:30:05.000Z",
  completedAt: "2026-03-02T11:42:00.000Z",
  servers: ["i-0a"],
  because: null,
  ...over,
});

export const aManifest = (over: Partial<Manifest> = {}): Manifest => ({
  application: "shop",
  resource: "web",
  point: "web.20260302T113000Z",
  server: "i-0a",
  name: "web-1",
  tags: { Name: "web-1", App: "shop" },
  instanceType: "m5.large",
  architecture: "x86_64",
  zone: "eu-west-1a",
  subnet: { id: "subnet-src-a", cidr: "10.0.0.0/24" },
  privateAddress: "10.0.0.10",
  publicAddress: null,
  securityGroups: ["sg-src"],
  instanceProfile: null,
  keyName: null,
  ebsOptimized: true,
  enaSupport: true,
  sriovNetSupport: null,
  bootMode: null,
  tpmSupport: null,
  imdsSupport: null,
  metadataTokens: "required",
  rootDevice: "/dev/xvda",
  platform: "Linux/UNIX",
  productCodes: [],
  autoScalingGroup: null,
  instanceStoreVolumes: 0,
  networkInterfaces: 1,
  userData: null,
  settings: {
    metadata: { hopLimit: 1, endpoint: "enabled", tags: "disabled", ipv6: "disabled" },
    protections: { at: "2026-03-02T11:30:00.000Z" },
  },
  volumes: [
    {
      device: "/dev/xvda",
      volume: "vol-0a",
      sizeGiB: 20,
      type: "gp3",
      iops: 3000,
      throughputMiBs: 125,
      encrypted: false,
      deleteOnTermination: true,
      sourceSnapshot: "snap-src-a",
      snapshot: "snap-dst-a",
    },
  ],
  image: "ami-0a",
  ...over,
});

export const aRecordSet = (over: Partial<RecordSet> = {}): RecordSet => ({
  name: "shop.example.com",
  type: "A",
  setIdentifier: null,
  failover: null,
  weight: null,
  region: null,
  geoLocation: null,
  multivalue: null,
  geoProximity: null,
  cidr: null,
  trafficPolicy: null,
  ttlSeconds: 30,
  values: ["192.0.2.10"],
  alias: null,
  healthCheck: null,
  ...over,
});
