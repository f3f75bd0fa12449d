import { expect, test } from "vitest";
import { controller } from "../../infra/controller.ts";
import { functions } from "../../infra/functions.ts";
import { widest } from "../../infra/iam/scope.ts";
import { resourcesOf, statementsOf } from "./cloudformation.ts";

const ids = (approvalPage: boolean) => Object.keys(functions({ approvalPage }));
const environment = (approvalPage: boolean, id: string) => functions({ approvalPage })[id]!.environment;

test("no controller has a public address unless one was asked for", () => {
  const { Resources } = controller({ approvalPage: false, scope: widest });
  expect(resourcesOf({ Resources }, "AWS::Lambda::Url")).toEqual([]);
  expect(ids(false)).not.toContain("ApprovalPage");
  expect(Resources.ApprovalPageRole).toBeUndefined();
  for (const id of ["Ask", "Detect"]) expect(environment(false, id)).not.toHaveProperty("LIFEBOAT_APPROVAL_URL");
  expect(JSON.stringify(Resources)).not.toContain('"Principal":"*","FunctionUrlAuthType"');
});

test("with the page, those that tell of a question know its address, and the page the machine that answers", () => {
  expect(ids(true)).toContain("ApprovalPage");
  for (const id of ["Ask", "Detect"])
    expect(environment(true, id)).toMatchObject({
      LIFEBOAT_APPROVAL_URL: { "Fn::GetAtt": ["ApprovalPageUrl", "FunctionUrl"] },
    });
  expect(environment(true, "ApprovalPage")).toMatchObject({
    LIFEBOAT_ANSWER_MACHINE: { "Fn::Sub": expect.stringMatching(/:stateMachine:lifeboat-answer:live$/) },
  });
});

test("anybody may open the page by its address and no other way, and only so many at a time", () => {
  const { Resources } = controller({ approvalPage: true, scope: widest });
  const permissions = resourcesOf({ Resources }, "AWS::Lambda::Permission").map(([, { Properties }]) => Properties);
  const FunctionName = { Ref: "ApprovalPageLambdaFunction" };
  expect(permissions).toEqual([
    { FunctionName, Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: "NONE" },
    { FunctionName, Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true },
  ]);
  expect(functions({ approvalPage: true }).ApprovalPage).toMatchObject({ reservedConcurrency: 5 });
});

test("the page may neither write to the table nor use a task token: the machine gives the answer", () => {
  const { Resources } = controller({ approvalPage: true, scope: widest });
  const allowed = statementsOf({ Resources: { ApprovalPageRole: Resources.ApprovalPageRole! } })
    .flatMap(({ statement }) => statement.Action)
    .filter((action: string) => !/^(logs|xray):/.test(action));
  expect(allowed.filter((action: string) => /Task|PutItem|UpdateItem|DeleteItem/.test(action))).toEqual([]);
});
