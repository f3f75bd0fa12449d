import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, expect, it } from "vitest";
import { anInstance, aScene, ec2, fault, launched, reset } from "../../support/launch-scene.ts";

/**
 * What a plan had no key for, as organisations ask for it. Here: a policy that lets nothing start without IMDSv2.
 * [runs-on/runs-on#22, hashicorp/terraform-provider-aws#46757]
 */
beforeEach(reset);
/** scp.json's first statement. A plan key (or a default) that launches with HttpTokens required makes this pass. */
it("in an organisation that allows IMDSv2 only, a server of the old days can be launched", async () => {
  ec2.on(RunInstancesCommand).callsFake(({ MetadataOptions }) => {
    if (MetadataOptions?.HttpTokens !== "required")
      throw fault("UnauthorizedOperation", "explicit deny in a service control policy", 403);
    return { Instances: [anInstance()] };
  });
  await expect(launched(await aScene({}, { metadataTokens: "optional" }))).resolves.toMatchObject({
    instance: "i-new",
  });
});
