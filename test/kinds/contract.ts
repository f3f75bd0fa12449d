import { EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Resource } from "../../functions/core/model/plan.ts";
import type { Run } from "../../functions/core/model/run.ts";
import type { Kind } from "../../functions/kinds/contract.ts";
import type { Context } from "../../functions/runtime/context.ts";

/** A resource of the kind: in a state that could be recovered, and in one that could not. */
export type KindScene = { context: Context; run: Run; resource: Resource; pinned: string | null };
type Scenes = { sound(): Promise<KindScene>; lost(): Promise<KindScene> };

export const ec2 = mockClient(EC2Client);
const reads = /^(Describe|Get|List|Query|BatchGet|Head)/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

/** What every kind promises in functions/kinds/contract.ts. A further kind runs it with scenes of its own. */
export const holdsTheContract = (name: string, kind: Kind, { sound, lost }: Scenes, given: () => void) =>
  describe(`the kind ${name}`, () => {
    beforeEach(() => {
      ec2.reset();
      given();
    });

    it("says how old the state is that could be recovered, twice the same", async () => {
      const { context, run, resource, pinned } = await sound();
      const exposure = await kind.exposure(context, run, resource, pinned);
      expect(exposure).toMatchObject({ resource: resource.name, recoverableAt: expect.stringMatching(time) });
      expect(await kind.exposure(context, run, resource, pinned)).toEqual(exposure);
    });

    it("says that nothing could be recovered by null, and by a problem that names the resource", async () => {
      const { context, run, resource, pinned } = await lost();
      expect((await kind.exposure(context, run, resource, pinned)).recoverableAt).toBeNull();
      const { problems } = await kind.assess(context, run, resource, pinned);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.every((problem) => problem.includes(resource.name))).toBe(true);
    });

    it("has no problem with a resource that is sound", async () => {
      const { context, run, resource, pinned } = await sound();
      expect(await kind.assess(context, run, resource, pinned)).toMatchObject({ problems: [] });
    });

    it("changes nothing by asking", async () => {
      const { context, run, resource, pinned } = await sound();
      await kind.exposure(context, run, resource, pinned);
      await kind.assess(context, run, resource, pinned);
      const sent = ec2.calls().map(({ args: [command] }) => command.constructor.name);
      expect(sent.filter((operation) => !reads.test(operation))).toEqual([]);
    });
  });
