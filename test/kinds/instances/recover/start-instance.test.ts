import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, test } from "vitest";
import { fullBucket } from "../../../../functions/core/run/pace.ts";
import { aServerItem } from "../../../support/builders.ts";
import { anInstance, aScene, ec2, fault, launched, reset, since } from "../../../support/launch-scene.ts";

beforeEach(reset);
const asked = () => ec2.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input);
const enforced = fault(
  "UnsupportedOperation",
  "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled",
);

describe("where nothing starts with IMDSv1", () => {
  test.each([
    ["a policy", fault("UnauthorizedOperation", "explicit deny in a service control policy", 403)],
    ["the account", enforced],
  ])("when %s refuses IMDSv1, the same request is sent again with IMDSv2 alone", async (_, refusal) => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(refusal)
      .resolves({ Instances: [anInstance()] });
    expect(await launched(await aScene({}, { metadataTokens: "optional" }))).toMatchObject({ instance: "i-new" });
    const [first, second] = asked();
    expect(second).toEqual({ ...first, MetadataOptions: { ...first!.MetadataOptions, HttpTokens: "required" } });
    expect(first!.MetadataOptions).toMatchObject({ HttpTokens: "optional", HttpPutResponseHopLimit: 1 });
  });

  test("a policy that meant something else removes IMDSv1 from no other slot", async () => {
    const denied = fault("UnauthorizedOperation", "explicit deny in a service control policy", 403);
    ec2.on(RunInstancesCommand).callsFake(({ InstanceType }) => {
      if (InstanceType === "m5.large") throw denied;
      return { Instances: [anInstance()] };
    });
    const scene = await aScene({ instanceTypes: ["m5.large", "m6i.large"] }, { metadataTokens: "optional" });
    expect(await launched(scene)).toMatchObject({ instance: "i-new" });
    const [launching] = asked().filter(({ InstanceType }) => InstanceType === "m6i.large");
    expect(launching!.MetadataOptions).toMatchObject({ HttpTokens: "optional" });
  });

  const aServer = (at: number) => aServerItem({ server: `i-0${at}`, name: `web-${at}`, index: at });
  const refusing = (MetadataOptions?: { HttpTokens?: string }) => {
    if (MetadataOptions?.HttpTokens !== "required") throw enforced;
    return { Instances: [anInstance({ Tags: [] })] };
  };

  test("the other servers of the pass ask for IMDSv2 at once", async () => {
    ec2.on(RunInstancesCommand).callsFake(({ MetadataOptions }) => refusing(MetadataOptions));
    const servers = Array.from({ length: 5 }, (_, at) => aServer(at));
    await launched(await aScene({ address: "auto" }, { metadataTokens: "optional" }, { servers }));
    expect(asked().filter(({ MetadataOptions }) => MetadataOptions?.HttpTokens === "optional")).toHaveLength(1);
    expect(asked()).toHaveLength(6);
  });

  test("the second request waits for a token as any other", async () => {
    ec2.on(RunInstancesCommand).callsFake(({ MetadataOptions }) => refusing(MetadataOptions));
    const scene = await aScene({ address: "auto" }, { metadataTokens: "optional" });
    const spent = { pace: { ...fullBucket(new Date(since)), tokens: 1, perSecond: 0.01 } };
    const { instance, state, pass } = await launched(scene, spent);
    expect([instance, state, pass.launchAt]).toEqual([null, "wanted", since]);
    expect(asked()).toHaveLength(1);
  });

  test("a plan that insists on IMDSv1 is refused", async () => {
    ec2.on(RunInstancesCommand).rejects(enforced);
    const scene = await aScene(
      { metadata: { tokens: "optional" }, instanceTypes: ["same"] },
      { metadataTokens: "optional" },
    );
    expect((await launched(scene)).error?.message).toContain("httpTokensEnforced");
    expect(asked().every(({ MetadataOptions }) => MetadataOptions?.HttpTokens === "optional")).toBe(true);
  });

  test("a refusal that has nothing to do with IMDSv1 stands", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("UnauthorizedOperation", "no", 403));
    const scene = await aScene({ instanceTypes: ["same"] }, { metadataTokens: "required" });
    expect((await launched(scene)).error?.message).toContain("UnauthorizedOperation");
    // once a slot: this subnet and the other
    expect(asked()).toHaveLength(2);
  });
});
