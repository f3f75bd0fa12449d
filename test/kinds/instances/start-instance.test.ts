import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, test } from "vitest";
import { anInstance, aScene, ec2, fault, launched, reset } from "../../support/launch-scene.ts";

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
  ])("%s refuses: the same request is sent again with IMDSv2 alone", async (_, refusal) => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(refusal)
      .resolves({ Instances: [anInstance()] });
    expect(await launched(await aScene({}, { metadataTokens: "optional" }))).toMatchObject({ instance: "i-new" });
    const [first, second] = asked();
    expect(second).toEqual({ ...first, MetadataOptions: { ...first!.MetadataOptions, HttpTokens: "required" } });
    expect(first!.MetadataOptions).toMatchObject({ HttpTokens: "optional", HttpPutResponseHopLimit: 1 });
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

  test("one refusal that has nothing to do with it stands", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("UnauthorizedOperation", "no", 403));
    const scene = await aScene({ instanceTypes: ["same"] }, { metadataTokens: "required" });
    expect((await launched(scene)).error?.message).toContain("UnauthorizedOperation");
    // once a slot: this subnet and the other
    expect(asked()).toHaveLength(2);
  });
});
