import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { primary, recovery } from "../names.ts";
import { makePeers, type Program, peerPins, peersFolder } from "../processes.ts";
import type { Round, Tool } from "./tool.ts";

const pinned = (name: string) => peerPins.find((pin) => pin.startsWith(`${name}==`))!.split("==")[1]!;

const folderOf = () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-peer-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const tagged = [{ "tag:App": "bench" }];
const policies = {
  // as Lifeboat: one call for an instance, crash-consistent over its volumes
  create: { resource: "aws.ec2", filters: tagged, actions: [{ type: "snapshot", "copy-tags": ["App"] }] },
  copy: {
    resource: "aws.ebs-snapshot",
    filters: tagged,
    actions: [{ type: "copy", target_region: recovery, encrypted: false }],
  },
  prune: {
    resource: "aws.ebs-snapshot",
    filters: [...tagged, { type: "age", days: 0, op: "ge" }],
    actions: ["delete"],
  },
};

/** Cloud Custodian: three policies, as its documentation has them. JSON is YAML. */
export const c7n = (): Tool => ({
  name: "c7n",
  version: pinned("c7n"),
  volumesMax: 1_000,
  keepsNewest: false,
  async prepare({ endpoint, regime }: Round) {
    await makePeers();
    const folder = folderOf();
    const run = (name: keyof typeof policies, region: string): Program => {
      const file = join(folder, `${name}.yml`);
      writeFileSync(file, JSON.stringify({ policies: [{ name, ...policies[name] }] }));
      const out = ["-s", join(folder, "out"), "--cache-period", "0", "--region", region];
      const environment = { AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: region, HOME: folder };
      return { command: `${peersFolder}/bin/custodian`, args: ["run", ...out, file], environment, secondsMax: 3_600 };
    };
    const [create, copy] = [run("create", primary), run("copy", primary)];
    return {
      before: regime.idle ? [create, copy] : [],
      copies: [create, copy],
      rerun: [copy],
      again: [],
      idle: [copy],
      prune: [run("prune", recovery)],
    };
  },
});

/** Shelvery: its backups with a copy in another Region, then its retention there with nothing to be kept. */
export const shelvery = (): Tool => ({
  name: "shelvery",
  version: pinned("shelvery"),
  volumesMax: 100,
  keepsNewest: false,
  async prepare({ endpoint, regime }: Round) {
    await makePeers();
    const run = (action: string, region: string, settings: Record<string, string>): Program => ({
      command: `${peersFolder}/bin/shelvery`,
      args: ["ebs", action],
      environment: { AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: region, HOME: folderOf(), ...settings },
      secondsMax: 900,
    });
    const create = run("create_backups", primary, { shelvery_dr_regions: recovery });
    const none = { shelvery_keep_daily_backups: "-1", shelvery_keep_weekly_backups: "-1" };
    return {
      before: regime.idle ? [create] : [],
      copies: [create],
      rerun: [create],
      again: [],
      idle: [create],
      prune: [run("clean_backups", recovery, none)],
    };
  },
});
