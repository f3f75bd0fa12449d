import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it, onTestFinished } from "vitest";
import { endingOf } from "../../../functions/aws/store/lease.ts";
import { aContext } from "../../support/context.ts";
import { first } from "../../support/lease-scene.ts";

describe("how an execution ended", () => {
  const mocked = () => {
    const states = mockClient(SFNClient);
    onTestFinished(() => void states.restore());
    return states;
  };

  it.each(["RUNNING", "PENDING_REDRIVE"] as const)(
    "the end of an execution is not known while it is %s",
    async (status) => {
      mocked().on(DescribeExecutionCommand).resolves({ status });
      expect(await endingOf(aContext(), first.id)).toBeNull();
    },
  );

  it("the end of an execution is asked in the Region of its ARN, and told with error and cause", async () => {
    const states = mocked();
    const stopDate = new Date("2026-03-02T11:00:00.000Z");
    states.on(DescribeExecutionCommand).resolves({ status: "FAILED", stopDate, error: "RefusedError", cause: "{}" });
    const ending = await endingOf(aContext(), first.id);
    expect(ending).toEqual({ status: "FAILED", stoppedAt: stopDate, error: "RefusedError", cause: "{}" });
    const [call] = states.commandCalls(DescribeExecutionCommand);
    expect(call!.args[0].input).toEqual({ executionArn: first.id });
    expect(await (call!.thisValue as SFNClient).config.region()).toBe("eu-central-1");
  });

  it("the end of an execution is long ago when Step Functions does not know it any more", async () => {
    const gone = new ExecutionDoesNotExist({ message: "Execution Does Not Exist", $metadata: {} });
    mocked().on(DescribeExecutionCommand).rejects(gone);
    const ending = await endingOf(aContext(), first.id);
    expect(ending).toEqual({ status: "FAILED", stoppedAt: new Date(0), error: "ExecutionDoesNotExist", cause: null });
  });

  it("the end of an execution stays unknown when Step Functions does not answer", async () => {
    mocked()
      .on(DescribeExecutionCommand)
      .rejects(Object.assign(new Error("no"), { name: "TimeoutError" }));
    await expect(endingOf(aContext(), first.id)).rejects.toThrow("no");
  });
});
