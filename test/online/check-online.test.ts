import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { awsError, planFile } from "../support/command-scene.ts";
import { anOnlineScene, keyArn, pairManifest } from "../support/online-scene.ts";

const manyVolumes = {
  DescribeVolumes: { Volumes: Array.from({ length: 400 }, (_, at) => ({ VolumeId: `vol-${at}`, Size: 1 })) },
};

/** The plan with topics, in a file of its own. */
const planWith = (topics: string[]) => planOf((text) => `${text}notify: { topics: [${topics.join(", ")}] }\n`);
const planOf = async (changed: (text: string) => string) => {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-check-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "plan.yml");
  await writeFile(file, changed(await readFile(planFile, "utf8")));
  return file;
};

describe("lifeboat check --online", () => {
  it("says what the selection matches and how much of the slots it takes, and reads only", async () => {
    const scene = await anOnlineScene();
    expect(await scene.run("check", "--online", planFile)).toEqual({
      code: 0,
      error: "",
      out: [
        `${planFile}:7:3 detect.action: warning: decisions and alarms reach nobody without notify.topics`,
        `${planFile}: server: 1 server, 1 volume, 8 GiB`,
        `${planFile}: failover permissions: proven at 2026-03-02T11:00:00.000Z`,
        `${planFile}: 1 volume needs 0.2 h a round (18 at a time, 720 s each, as measured): 3 % of the copy slots`,
        `${planFile}: READY`,
        `${planFile}: ok - pair: eu-west-1 -> eu-central-1, 1 resource in 1 wave, traffic by takeover`,
        "",
      ].join("\n"),
    });
    expect(scene.calls.every((call) => /^(Describe|Get|List)/.test(call))).toBe(true);
  });

  it("warns of devices and servers that the plan names and nobody has", async () => {
    const scene = await anOnlineScene();
    const file = await planOf((text) =>
      text
        .replace("    every:", "    exclude: { volumes: [/dev/sdz] }\n    every:")
        .replace("    launch:\n", "    launch:\n      overrides: { server-7: { address: 10.0.0.9 } }\n"),
    );
    const { code, out } = await scene.run("check", "--online", file);
    expect(code).toBe(0);
    expect(out).toContain("warning: server: launch.overrides names server-7, and no server is called so");
    expect(out).toContain("warning: server: exclude.volumes names /dev/sdz, and no server has such a device");
  });

  it("warns, with the options, when copies cannot keep pace", async () => {
    const scene = await anOnlineScene(manyVolumes, { deployed: false });
    const { code, out } = await scene.run("check", "--online", planFile);
    expect(code).toBe(0);
    expect(out).toMatch(
      /warning: not attainable: 400 volumes need 5\.8 h a round .*, and server is due every 30 min$/m,
    );
    expect(out).toMatch(/warning: option: an every of 5\.\d h or more/);
  });

  it("warns when the alias has moved away from the pinned key", async () => {
    const scene = await anOnlineScene();
    await scene.store.savePin("pair", "server", "eu-central-1", {
      arn: keyArn("old"),
      key: "alias/lifeboat",
      pinnedAt: "",
    });
    const { code, out } = await scene.run("check", "--online", planFile);
    expect(code).toBe(0);
    expect(out).toContain(
      `warning: server: alias/lifeboat is now ${keyArn("one")}; copies still use ${keyArn("old")}; lifeboat rekey shows`,
    );
  });

  it.each([
    [
      "a key that does not exist",
      { DescribeKey: awsError("NotFoundException") },
      "server: key alias/lifeboat does not exist in eu-central-1",
    ],
    [
      "a key that is disabled",
      { DescribeKey: { KeyMetadata: { Arn: keyArn("one"), KeyState: "Disabled" } } },
      "server: key alias/lifeboat is Disabled, not Enabled",
    ],
    [
      "a security group that is gone",
      { DescribeSecurityGroups: { SecurityGroups: [] } },
      "server: security group sg-0c30 does not exist in eu-central-1",
    ],
    ["a subnet that is gone", { DescribeSubnets: { Subnets: [] } }, "server: subnet subnet-0c10 does not exist"],
    [
      "a security group of another VPC than the subnet",
      { DescribeSecurityGroups: { SecurityGroups: [{ GroupId: "sg-0c30", VpcId: "vpc-2" }] } },
      "server: security group sg-0c30 belongs to vpc-2, but subnet-0c10 to vpc-1",
    ],
    [
      "an Elastic IP that was released",
      { DescribeAddresses: { Addresses: [{ AllocationId: "eipalloc-0c41" }] } },
      "server: Elastic IP eipalloc-0c40 does not exist",
    ],
    [
      "a key that EBS cannot use",
      { DescribeKey: { KeyMetadata: { Arn: keyArn("one"), KeyState: "Enabled", KeySpec: "RSA_2048" } } },
      "server: key alias/lifeboat is RSA_2048 for ENCRYPT_DECRYPT: EBS takes symmetric encryption keys only",
    ],
    [
      "a selection that matches nothing",
      { DescribeInstances: { Reservations: [] } },
      "server: no instance in eu-west-1 has the tags App=pair",
    ],
  ])("exits 2 on %s", async (_, over, problem) => {
    const scene = await anOnlineScene(over);
    const { code, out } = await scene.run("check", "--online", planFile);
    expect(code).toBe(2);
    expect(out).toContain(`${planFile}: problem: ${problem}\n${planFile}: `);
    expect(out).toMatch(/NOT READY: \d reasons?\n.*\d problems?\nnext: fix the plan/);
    const { out: json } = await scene.run("check", "--online", "--json", planFile);
    expect(JSON.parse(json)).toMatchObject({
      ok: false,
      files: [{ ok: false, online: { ready: false, problems: expect.arrayContaining([problem]) } }],
    });
  });

  describe("with a point, tries a dry launch with its instance profile", () => {
    const refusals: [string, string, string, number, string][] = [
      ["would do", "DryRunOperation", "would have succeeded", 0, "ok - pair"],
      [
        ...(["is refused for its profile", "InvalidParameterValue"] as const),
        ...([
          "Value (web) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
          2,
        ] as const),
        "problem: server: instance profile web cannot be used: InvalidParameterValue: Value (web)",
      ],
      [
        ...(["is not this person's to do", "UnauthorizedOperation", "no", 0] as const),
        "warning: server: instance profile web was not checked: you are not allowed to launch with it",
      ],
      [
        ...(["is refused for something else", "InvalidAMIID.NotFound", "no ami-0a", 0] as const),
        "warning: server: EC2 would not launch web-1 now: InvalidAMIID.NotFound: no ami-0a",
      ],
    ];
    it.each(refusals)("that %s", async (_case, name, message, exit, told) => {
      const scene = await anOnlineScene({ RunInstances: awsError(name, message) });
      await scene.store.saveManifest(pairManifest({ instanceProfile: "web", image: "ami-0a" }));
      const { code, out } = await scene.run("check", "--online", planFile);
      expect([code, out]).toEqual([exit, expect.stringContaining(told)]);
    });
  });

  it.each([
    ["proven", [], 0, "failover permissions: proven at 2026-03-02T11:00:00.000Z"],
    [
      "missing",
      [{ step: "launch", action: "ec2:RunInstances", region: "eu-central-1", because: "AccessDenied: no" }],
      2,
      "problem: rights of a failover, tried at 2026-03-02T11:00:00.000Z: missing ec2:RunInstances in eu-central-1 (launch): AccessDenied: no",
    ],
  ])("says that the rights of a failover are %s, as the last proof found", async (_found, denied, exit, told) => {
    const scene = await anOnlineScene();
    const at = "2026-03-02T11:00:00.000Z";
    await scene.store.saveProof("pair", { ...unproven(at), at, denied, unknown: ["ec2:StopInstances: Unsupported"] });
    const { code, out } = await scene.run("check", "--online", planFile);
    expect([code, out]).toEqual([exit, expect.stringContaining(told)]);
    expect(out).toContain(
      `warning: rights of a failover, tried at ${at}: could not try ec2:StopInstances: Unsupported`,
    );
  });

  it("tells of topics that are gone, or lie under a key", async () => {
    const topics = ["gone", "locked", "plain"].map((name) => `arn:aws:sns:eu-central-1:111122223333:${name}`);
    const file = await planWith(topics);
    const attributes = ({ input }: { input: Record<string, unknown> }) => {
      if (String(input.TopicArn).endsWith("gone")) throw awsError("NotFoundException");
      return { Attributes: String(input.TopicArn).endsWith("locked") ? { KmsMasterKeyId: "alias/topics" } : {} };
    };
    const scene = await anOnlineScene({ GetTopicAttributes: attributes });
    const { code, out } = await scene.run("check", "--online", file);
    expect(code).toBe(2);
    expect(out).toContain(`problem: notify: topic ${topics[0]} does not exist`);
    expect(out).toContain(`warning: notify: topic ${topics[1]} lies under key alias/topics: its policy must let`);
    expect(out).not.toContain(`problem: notify: topic ${topics[2]}`);
    expect(out).toContain(`not yet: notify: topic ${topics[2]} had no test message yet`);
  });

  it("works before anything is deployed", async () => {
    const scene = await anOnlineScene({}, { deployed: false });
    scene.store.pin = async () => Promise.reject(awsError("ResourceNotFoundException"));
    const { code, out } = await scene.run("check", "--online", planFile);
    expect(code).toBe(0);
    expect(out).toContain("nothing is deployed in eu-central-1 yet, so no copy could be measured");
    expect(out).toContain("900 s each, as assumed until a round was measured");
  });

  it("exits 1 when AWS refuses, and asks nothing about a plan that is wrong", async () => {
    const scene = await anOnlineScene({ DescribeInstances: awsError("UnauthorizedOperation", "no") });
    expect(await scene.run("check", "--online", planFile)).toMatchObject({
      code: 1,
      error: expect.stringContaining("AWS refused: no"),
    });
    const wrong = await anOnlineScene();
    expect((await wrong.run("check", "--online", "test/cli/twelve-mistakes.yml")).code).toBe(2);
    expect(wrong.calls).toEqual([]);
  });
});
