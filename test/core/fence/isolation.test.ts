import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isIsolated,
  planIsolation,
  type SubnetAcl,
  type SubnetInterface,
} from "../../../functions/core/fence/isolation.ts";

const acl = (subnet: string, over: Partial<SubnetAcl> = {}): SubnetAcl => ({
  subnet,
  vpc: "vpc-1",
  acl: "acl-1",
  association: `assoc-${subnet}`,
  isOurs: false,
  deniesAll: false,
  ...over,
});
const closed = (subnet: string) => acl(subnet, { acl: "acl-ours", isOurs: true, deniesAll: true });
const nic = (subnet: string, server: string | null, id = "eni-1"): SubnetInterface => ({ id, subnet, server });
const planned = (
  servers: Parameters<typeof planIsolation>[0],
  over: Partial<Parameters<typeof planIsolation>[1]> = {},
) => planIsolation(servers, { interfaces: [], acls: [acl("a")], ours: new Set(["i-1", "i-2"]), ...over });
const why = "would lose its instance-store data when stopped";
const one = [{ server: "i-1", why, subnets: ["a"] }];
const reason = `i-1 ${why}`;

describe("planIsolation", () => {
  it("planIsolation closes a subnet in which there is nothing but servers of the plan", () => {
    const interfaces = [nic("a", "i-1"), nic("a", "i-2")];
    expect(planned(one, { interfaces })).toEqual({ subnets: [acl("a")], problems: [] });
  });

  it("planIsolation needs nothing for what is closed, whatever has come into the subnet since", () => {
    expect(planned(one, { acls: [closed("a")], interfaces: [nic("a", null)] })).toEqual({ subnets: [], problems: [] });
  });

  it.each([
    [
      "a stranger's server",
      { interfaces: [nic("a", "i-9")] },
      `${reason}, and its subnet a cannot be isolated: eni-1 of i-9 also uses it`,
    ],
    [
      "an interface of no server",
      { interfaces: [nic("a", null)] },
      `${reason}, and its subnet a cannot be isolated: eni-1 also uses it`,
    ],
    ["an ACL that nobody told", { acls: [] }, `${reason}, and the network ACL of its subnet a is not known`],
  ])("planIsolation leaves the subnet with %s open, and says why", (_case, over, problem) => {
    expect(planned(one, over)).toEqual({ subnets: [], problems: [problem] });
  });

  it("cannot isolate a server of no subnet", () => {
    expect(planned([{ server: "i-1", why, subnets: [] }]).problems).toEqual([
      `${reason}, and has no subnet that could be isolated`,
    ]);
  });

  it("planIsolation closes no subnet with a stranger in it, and none of a server that it cannot isolate as a whole", () => {
    const name = fc.constantFrom<string>("a", "b", "c");
    const server = fc.record({
      server: fc.constantFrom("i-1", "i-2", "i-3"),
      why: fc.constant(why),
      subnets: fc.uniqueArray(name, { minLength: 1 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(server, { selector: (each) => each.server }),
        fc.array(fc.tuple(name, fc.constantFrom("i-1", "i-2", "i-3", "i-9", null)), { maxLength: 4 }),
        fc.array(name),
        (servers, nics, shut) => {
          const acls = ["a", "b", "c"].map((subnet) => (shut.includes(subnet) ? closed(subnet) : acl(subnet)));
          const interfaces = nics.map(([subnet, owner]) => nic(subnet, owner));
          const ours = new Set(["i-1", "i-2", "i-3"]);
          const { subnets, problems } = planIsolation(servers, { interfaces, acls, ours });
          for (const { subnet } of subnets)
            expect(interfaces.filter((each) => each.subnet === subnet && !ours.has(each.server ?? ""))).toEqual([]);
          const after = acls.map((each) => (subnets.includes(each) ? closed(each.subnet) : each));
          for (const each of servers)
            expect(isIsolated(each, after)).toBe(!problems.some((problem) => problem.startsWith(each.server)));
        },
      ),
    );
  });
});

describe("isIsolated", () => {
  it("isIsolated needs every subnet of the server, and an ACL that is ours and denies everything", () => {
    expect(isIsolated({ subnets: ["a"] }, [closed("a")])).toBe(true);
    expect(isIsolated({ subnets: ["a", "b"] }, [closed("a"), acl("b")])).toBe(false);
    expect(isIsolated({ subnets: ["a"] }, [acl("a", { isOurs: true })])).toBe(false);
    expect(isIsolated({ subnets: ["a"] }, [acl("a", { deniesAll: true })])).toBe(false);
    expect(isIsolated({ subnets: [] }, [closed("a")])).toBe(false);
  });
});
