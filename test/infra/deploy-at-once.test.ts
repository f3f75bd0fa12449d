import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "../../functions/aws/store/store.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { deployAll, storePlan } from "../../infra/deploy-all.ts";
import { hold, whileHeld } from "../../infra/hold.ts";
import { removeAll } from "../../infra/remove-all.ts";
import type { Stack } from "../../infra/stacks.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { aTable } from "../support/memory-table.ts";
import { aDeployment, anAccount } from "./deployment.ts";

anAccount();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-02T12:00:00Z") });
});
afterEach(() => void vi.useRealTimers());

const tagged = (plan: Plan, App: string): Plan => ({ ...plan, protect: [aResource({ select: { tags: { App } } })] });
const shop = tagged(aPlan(), "shop");
const bank = tagged(aPlan({ application: "bank" }), "bank");

/** Deployments of several people in one account: the tables are the same, and so are the roles of the last one that deployed. */
const account = () => {
  const first = aDeployment();
  const roles = new Map<string, string>();
  const one = (during: (stack: Stack, done: () => void) => Promise<void> = async (_, done) => done()) => {
    const deployment = { ...aDeployment(), tableIn: first.tableIn, table: first.table, store: first.store };
    const made: string[] = [];
    deployment.deploy = async (stack) => {
      made.push(`${stack.role} ${stack.region}`);
      await during(stack, () => {
        if (stack.role === "controller")
          roles.set(stack.region, JSON.stringify(stack.resources.Resources.FenceRole ?? null));
      });
    };
    return Object.assign(deployment, { made });
  };
  return { one, roles, tableIn: first.tableIn };
};
const both = (roles: Map<string, string>) =>
  ["eu-central-1", "eu-west-1"].map((region) => /shop/.test(roles.get(region)!) && /bank/.test(roles.get(region)!));
const later = (hours: number) => vi.setSystemTime(Date.now() + hours * 3_600_000);

test("a second deployment of the same controllers is refused while the first one changes them, and works after it", async () => {
  const { one, roles } = account();
  let refused: unknown;
  await deployAll(
    shop,
    true,
    one(async (stack, done) => {
      if (stack.role === "controller") refused = await deployAll(bank, true, one()).catch((error) => error);
      done();
    }),
  );
  expect(refused).toMatchObject({
    message: "shop has been deploying or removing since 2026-03-02T12:00:00.000Z, which changes the same controllers",
    hint: expect.stringMatching(/Wait until it has ended.* its lock expires at 2026-03-02T13:00:00.000Z\./),
  });
  await deployAll(bank, true, one());
  expect(both(roles)).toEqual([true, true]);
});

test("what another deployment noted while this one waited for its answer is packaged once more", async () => {
  const { one, roles } = account();
  const waiting = one();
  waiting.ask = async () => {
    later(1);
    await deployAll(bank, true, one());
    return "y";
  };
  await deployAll(shop, false, waiting);
  expect(waiting.lines).toContain(
    "another deployment ran in between: packaging again with the permissions that both need",
  );
  expect(waiting.made.filter((name) => name.startsWith("controller"))).toHaveLength(2);
  expect(both(roles)).toEqual([true, true]);
});

test("it is packaged once more for one Region alone, too, and what only an older plan named is forgotten", async () => {
  const { one, roles } = account();
  await deployAll(tagged(shop, "old-shop"), true, one());
  const waiting = one();
  waiting.ask = async () => {
    await deployAll({ ...bank, regions: { ...bank.regions, primary: "eu-west-2" } }, true, one());
    return "y";
  };
  await deployAll(shop, false, waiting);
  expect(both(roles)).toEqual([true, false]);
  await deployAll(tagged(aPlan({ application: "third" }), "third"), true, one());
  expect(roles.get("eu-central-1")).not.toContain("old-shop");
});

test("two first deployments at once, before there is a table to hold: the controllers are deployed once more for both", async () => {
  const { one, roles, tableIn } = account();
  const missing = Object.assign(new Error("no table"), { name: "ResourceNotFoundException" });
  const gone = vi.fn().mockRejectedValue(missing);
  const real = { ...tableIn("eu-central-1") };
  const other = { ...tableIn("eu-west-1") };
  for (const table of [tableIn("eu-central-1"), tableIn("eu-west-1")])
    Object.assign(table, { get: gone, put: gone, query: gone });
  const first = one(async (stack, done) => {
    if (stack.role === "controller" && stack.region === "eu-west-1" && roles.size < 2) {
      Object.assign(tableIn("eu-central-1"), real);
      Object.assign(tableIn("eu-west-1"), other);
      await deployAll(bank, true, one());
    }
    done();
  });
  await deployAll(shop, true, first);
  expect(first.made.filter((name) => name.startsWith("controller"))).toHaveLength(4);
  expect(both(roles)).toEqual([true, true]);
});

test("one that died half-way keeps the controllers for an hour; the next one keeps its plan's rights, old and new", async () => {
  const { one, roles } = account();
  await deployAll(tagged(shop, "old-shop"), true, one());
  // as if the machine were switched off: nothing after the first controller, and nobody lets go
  await new Promise<void>((began) => {
    void deployAll(
      shop,
      true,
      one(() => {
        began();
        return new Promise(() => {});
      }),
    );
  });
  await expect(deployAll(bank, true, one())).rejects.toThrow("shop has been deploying or removing since");
  later(1);
  await deployAll(bank, true, one());
  for (const part of ["bank", '"old-shop"', '"shop"']) expect(roles.get("eu-central-1")).toContain(part);
});

test("one that fails lets go", async () => {
  const { one } = account();
  await expect(
    deployAll(
      shop,
      true,
      one(() => Promise.reject(new Error("osls failed"))),
    ),
  ).rejects.toThrow("osls failed");
  await deployAll(bank, true, one());
});

test("one that comes back an hour later, after another one took its place, deploys the controllers again", async () => {
  const { one, roles } = account();
  await deployAll(shop, true, one());
  const sleeper = one(async (stack, done) => {
    if (stack.role === "controller" && stack.region === "eu-west-1" && sleeper.made.length === 2) {
      later(2);
      await deployAll(bank, true, one());
    }
    done();
  });
  await deployAll(shop, true, sleeper);
  expect(sleeper.made.filter((name) => name.startsWith("controller"))).toHaveLength(4);
  expect(both(roles)).toEqual([true, true]);
});

test("one that comes back while another one still deploys is refused, and stores no plan", async () => {
  const { one, tableIn } = account();
  const sleeper = one(async (_, done) => {
    later(2);
    await hold([tableIn("eu-central-1")], "bank");
    done();
  });
  await expect(deployAll(shop, true, sleeper)).rejects.toThrow("bank has been deploying or removing since");
  expect(await sleeper.store.currentPlanVersion("shop")).toBeNull();
  expect(sleeper.made).toEqual(["controller eu-central-1"]);
});

test("it does not go on for ever against others that come in between each time", async () => {
  const { one, tableIn } = account();
  let nth = 0;
  const busy = one(async (stack, done) => {
    done();
    if (stack.role !== "controller") return;
    nth++;
    const scope = { regions: [`eu-${nth}`], watched: [], selections: [], zones: [], changed: [], topics: [] };
    const rest = { controls: [], targetGroups: [], addresses: [], documents: [], probes: false, instanceRoles: [] };
    const item = { application: `n-${nth}`, scope: { ...scope, ...rest, lockDays: 0 } };
    await tableIn(stack.region).put({ pk: "#scopes", sk: `n-${nth}` }, item);
  });
  await expect(deployAll(shop, true, busy)).rejects.toThrow("other deployments kept running in between");
  expect(nth).toBe(6);
});

test("a plan is neither removed while it is deployed, nor stored while another one is removed", async () => {
  const { one } = account();
  await deployAll(shop, true, one());
  let refused: unknown;
  await deployAll(
    shop,
    true,
    one(async (stack, done) => {
      if (stack.role === "controller")
        refused = await removeAll(shop, { controllers: false, yes: true }, one()).catch((error) => error);
      done();
    }),
  );
  expect(refused).toMatchObject({ message: expect.stringContaining("shop has been deploying or removing since") });
  const remover = one();
  remover.remove = async () => {
    refused = await storePlan(bank, one()).catch((error) => error);
  };
  await removeAll(shop, { controllers: false, yes: true }, remover);
  expect(refused).toMatchObject({ message: expect.stringContaining("shop has been deploying or removing since") });
  await storePlan(bank, one());
});

test.each([
  ["serves from the other Region", { primary: "eu-central-1", recovery: "eu-west-1" }],
  ["has the same primary Region", { primary: "eu-west-1", recovery: "eu-west-2" }],
])("the controllers of both Regions stay for an application that %s", async (_, regions) => {
  const { one } = account();
  await deployAll(shop, true, one());
  const other = one();
  const table = other.tableIn(regions.recovery);
  await deployAll({ ...bank, regions }, true, { ...other, table, store: createStore(table) });
  await expect(removeAll(shop, { controllers: true, yes: true }, one())).rejects.toThrow(
    "the controllers also serve bank",
  );
});

test("a reply that was lost is no other deployment", async () => {
  const table = aTable();
  const { put } = table;
  table.put = async (key, item, when) => (await put(key, item, when)) && put(key, item, when);
  const held = await hold([table], "shop");
  await held.renew();
  await held.release();
  await hold([table], "bank");
});

test("two that take a free one at the same moment: one of them is refused, and lets go of what it has", async () => {
  const [one, other] = [aTable(), aTable()];
  const { put } = other;
  other.put = async (key, item, when) => {
    other.put = put;
    await hold([other], "bank");
    return put(key, item, when);
  };
  await expect(hold([one, other], "shop")).rejects.toThrow("bank has been deploying or removing since");
  await hold([one], "third");
});

test("what failed is told, and not that the tables could not be let go after it", async () => {
  const table = aTable();
  const work = whileHeld([table], "shop", async () => {
    table.put = () => Promise.reject(new Error("no such host"));
    throw new Error("osls deploy lifeboat-controller failed");
  });
  await expect(work).rejects.toThrow("osls deploy lifeboat-controller failed");
});
