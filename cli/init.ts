import { existsSync, writeFileSync } from "node:fs";
import { type ExitCode, type Output, UsageError } from "../terminal/output.ts";
import { readPlanText } from "../terminal/plan-file.ts";

export type InitOptions = {
  application: string;
  primary: string;
  recovery: string;
  rpo: string;
  rto: string;
  action: string;
  port: string;
  force: boolean;
};

/** Zones of a Region end in letters; which of them an account has, its owner knows. */
const zonesOf = (region: string) => ["a", "b"].map((letter) => `${region}${letter}`);

/** A Region to ask from that is neither of the two. */
const third = ({ primary, recovery }: InitOptions) =>
  ["eu-west-1", "us-west-2", "ap-northeast-1"].find((region) => region !== primary && region !== recovery)!;

const planText = (options: InitOptions) => {
  const { application, primary, recovery, rpo, rto, action, port } = options;
  const from = third(options);
  const [first, second] = zonesOf(recovery) as [string, string];
  return `# Written by lifeboat init. Replace the values that a comment in capitals marks. docs/plan.md explains every key; "The commonest
# cases" there covers load balancers, databases, and tiers that find each other. Then: lifeboat check, lifeboat rehearse.
version: 1
application: ${application}
regions: { primary: ${primary}, recovery: ${recovery} }
objectives: { rpo: ${rpo}, rto: ${rto} } # how much work may be lost, how long users may be without service

detect:
  action: ${action} # notify sends a message, approve requests approval first, automatic starts the failover
  witnesses:
    # The application itself, probed from a third Region. \`connect\` is its address on the primary side, because the name moves with the traffic.
    - { name: page, probe: { url: "https://${application}.example.com/healthz", connect: 192.0.2.10, from: ${from} } } # YOUR PAGE
    # The EC2 API of the primary Region. A bad release cannot make this witness unhealthy.
    - { name: region, api: ${primary} }
  verdict: { unhealthy: 2, sustained: 3m }

protect:
  - name: server
    kind: instances
    select: { tags: { App: ${application} } } # every instance with this tag
    every: rate(30 minutes)
    launch: # all in ${recovery}, created in advance
      subnets: { ${first}: subnet-0a10, ${second}: subnet-0a20 } # YOUR SUBNETS, and their zones
      securityGroups: [sg-0a30] # YOUR SECURITY GROUPS
      elasticIps: [eipalloc-0a40] # YOUR ELASTIC IP, the recovery address below; or targetGroups of a load balancer
    verify: { http: ":${port}/healthz", within: 5m, from: public }

traffic:
  switch: takeover # a health check switches the record pair: a failover changes no DNS record
  zone: Z0123456789EXAMPLE # YOUR HOSTED ZONE
  records:
    - { name: ${application}.example.com, type: A, policy: failover, ttl: 30, primary: 192.0.2.10, recovery: 198.51.100.10 } # YOUR RECORD

notify:
  topics: # YOUR TOPICS, one in each Region
    - ${topic(recovery)}
    - ${topic(primary)}
`;
};

const topic = (region: string) => `arn:aws:sns:${region}:111122223333:lifeboat`;

/** Writes a commented plan that `check` takes as it is; nothing, when an option is none. Never over a file that is there, unless `force`. */
export const init = (file: string, options: InitOptions, output: Output): ExitCode => {
  if (!/\.ya?ml$/.test(file)) throw new UsageError(`${file}: expected a name that ends in .yml or .yaml`, another);
  if (existsSync(file) && !options.force) throw new UsageError(`${file} already exists`, `${another}, or --force`);
  const text = planText(options);
  const [problem] = readPlanText(file, text).problems;
  if (problem)
    throw new UsageError(
      `${optionOf[problem.path] ?? problem.path}: expected ${problem.expected} (got ${problem.got})`,
      "give another value; lifeboat init --help",
    );
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be written: ${code === "ENOENT" ? "no such folder" : message}`, another);
  }
  output.out(`${file}: written`);
  output.out(
    `next: replace the values marked in capitals, then lifeboat check ${file}, then lifeboat rehearse ${file}`,
  );
  return 0;
};
const another = "give another name";

/** The key of a plan -> the option that it came from. */
const optionOf: Record<string, string> = {
  application: "--application",
  "regions.primary": "--primary",
  "regions.recovery": "--recovery",
  "objectives.rpo": "--rpo",
  "objectives.rto": "--rto",
  "detect.action": "--action",
  "protect[0].verify.http": "--port",
};
