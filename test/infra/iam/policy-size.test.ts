import { expect, test } from "vitest";
import { refuseTooLong } from "../../../infra/iam/policy-size.ts";
import { type Scope, scopeOf, widest } from "../../../infra/iam/scope.ts";
import { packageAll } from "../../../infra/package-all.ts";
import { stacksOf } from "../../../infra/stacks.ts";
import { aPlan } from "../../support/builders.ts";

const plan = aPlan();
const scopeWith = (over: Partial<Scope>): Scope => ({ ...scopeOf(plan), ...over });
const stacksWith = (over: Partial<Scope>) => stacksOf(plan, { approvalPage: true }, () => scopeWith(over));
const many = (count: number, name: (nth: number) => string) => Array.from({ length: count }, (_, nth) => name(nth));

test("the widest roles fit, and so do those of hundreds of zones, topics, groups, addresses and selections", () => {
  const lists = {
    zones: many(300, (nth) => `Z${nth}0123456789ABCDEF`),
    topics: many(300, (nth) => `arn:aws:sns:eu-central-1:111122223333:topic-${nth}`),
    targetGroups: many(300, (nth) => `arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/g${nth}/0`),
    addresses: many(300, (nth) => `eu-central-1/eipalloc-${nth}`),
    selections: many(300, (nth) => `app-${nth}`).map((App) => ({ App })),
  };
  refuseTooLong(stacksWith(widest));
  refuseTooLong(stacksWith({ ...lists, changed: lists.zones, probes: true, lockDays: 7 }));
});

test.each<[string, Partial<Scope>, RegExp]>([
  ["roles of servers", { instanceRoles: many(250, (nth) => `apps/role-of-a-server-${nth}`) }, /^LaunchRole of /],
  ["documents", { documents: many(250, (nth) => `quiesce-the-database-${nth}`) }, /^SnapshotRole of /],
])("too many %s are refused before anything is built, with what to do", async (_, over, what) => {
  const refused = expect.objectContaining({
    message: expect.stringMatching(what),
    hint: expect.stringContaining("--instance-role 'apps/shop-*'"),
  });
  const told: string[] = [];
  const packaging = packageAll(plan, (line) => told.push(line), { scopeIn: () => scopeWith(over) });
  await expect(packaging).rejects.toEqual(refused);
  await expect(packaging).rejects.toThrow(
    /lifeboat-controller in eu-central-1 would have \d+ characters of policy: IAM takes 10240/,
  );
  expect(told).toEqual([]);
});

test("a role may have just what IAM takes, as CloudFormation fills it in", () => {
  const stackOf = (characters: number) => {
    const PolicyDocument = {
      a: { "Fn::Sub": `\${AWS::Region}${"x".repeat(characters - '{"a":"ap-southeast-2"}'.length)}` },
    };
    const role = { Type: "AWS::IAM::Role", Properties: { Policies: [{ PolicyName: "lifeboat", PolicyDocument }] } };
    return [{ ...stacksOf(plan)[0]!, resources: { Resources: { OneRole: role } } }];
  };
  refuseTooLong(stackOf(10_240));
  expect(() => refuseTooLong(stackOf(10_241))).toThrow(
    "OneRole of lifeboat-controller in eu-central-1 would have 10241",
  );
});
