import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../functions/core/plan/compile.ts";
import { aDocument, aRoutedTraffic, type Edit, problemsOf, warningsOf } from "../../support/plan-document.ts";

describe("compilePlan", () => {
  it("compilePlan refuses a key that would be lost, wherever it stands, and each once", () => {
    const lost = JSON.parse('{ "__proto__": "x" }');
    const problems = problemsOf((d) => {
      Object.assign(d, JSON.parse('{ "__proto__ ": 1 }'));
      d.protect[0].select.tags = Object.fromEntries([...Object.entries(lost), ["App", "shop"]]);
      d.protect[0].launch.tags = lost;
      d.recover = Object.fromEntries([...Object.entries(d.recover), ["__proto__", 1]]);
    });
    const place = (path: string) =>
      expect.stringMatching(`^${path.replace(/[[\]]/g, "\\$&")}.__proto__: expected .* \\(got `);
    expect(problems.filter((text) => text.includes("__proto__:")).sort()).toEqual([
      ...[place("protect[0].launch.tags"), place("protect[0].select.tags"), place("recover")],
    ]);
  });

  it("compilePlan takes names and tags that every object has by itself", () => {
    const [first] = (aDocument() as { protect: { name: string }[] }).protect;
    const document = aDocument((d) => {
      d.protect[0].name = "constructor";
      d.recover.waves = d.recover.waves.map((wave: string[]) =>
        wave.map((name) => (name === first!.name ? "constructor" : name)),
      );
      d.protect[0].select.tags = { constructor: "x", toString: "y" };
      d.protect[0].launch.tags = { constructor: "x" };
      d.detect.witnesses[0].name = "constructor";
    });
    const { plan, problems } = compilePlan(document);
    expect(problems).toEqual([]);
    expect(plan).toMatchObject({ protect: [{ select: { tags: { constructor: "x", toString: "y" } } }, {}] });
  });

  it("compilePlan tells of mistakes of form and across fields together", () => {
    const problems = problemsOf((d) => {
      d.application = "Shop!";
      d.protect[0].every = "hourly";
      d.protect[0].encrypt.key = "arn:aws:kms:eu-west-1:111122223333:alias/x";
      d.recover.waves = [["app"]];
    });
    expect(problems).toHaveLength(4);
  });

  it.each<[string, Edit]>([
    [
      "traffic alone, a warm standby by other means",
      (d) => {
        d.protect = [];
        delete d.recover;
      },
    ],
    [
      "a plan without traffic",
      (d) => {
        delete d.traffic;
      },
    ],
    [
      "launched: with the switch records",
      (d) => {
        d.traffic.switch = "records";
        d.traffic.acceptControlPlane = true;
        Object.assign(d.traffic.records[0], { policy: "simple", recovery: "launched:web" });
      },
    ],
    [
      "a probe through another name",
      (d) => {
        d.detect.witnesses[1].probe = { url: "https://direct.example.com/" };
      },
    ],
    [
      "a quorum that is reachable when us-east-1 is dark, from a plan that recovers there",
      (d) => {
        d.regions = { primary: "us-west-2", recovery: "us-east-1" };
        d.protect = [];
        delete d.recover;
        delete d.notify;
        d.detect.witnesses = [
          { name: "a", alarm: "a", region: "us-east-1" },
          { name: "b", api: "us-west-2" },
        ];
      },
    ],
  ])("compilePlan takes %s", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(compilePlan(aDocument(edit)).plan).not.toBeNull();
  });

  it("compilePlan fills in what a plan leaves out", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        delete d.recover;
        delete d.notify;
        delete d.protect[0].verify;
        d.protect[0].launch = { subnets: { "eu-central-1a": ["subnet-1", "subnet-2"] }, securityGroups: ["sg-1"] };
      }),
    );
    expect(plan?.recover).toEqual({
      waves: [["app", "web"]],
      boot: "inOrder",
      fence: "best-effort",
      fenceFirst: false,
      onFailure: "hold",
      lossBudgetSeconds: 3600,
    });
    expect(plan?.notify).toEqual({ topics: [], on: ["decision", "hold", "done", "rpo"] });
    expect(plan?.protect[0]).toMatchObject({ verify: null, encryptKey: "alias/lifeboat", everySeconds: 1800 });
    expect(plan?.protect[0]?.launch).toEqual({
      subnets: { "eu-central-1a": ["subnet-1", "subnet-2"] },
      drillSubnets: {},
      securityGroups: ["sg-1"],
      instanceTypes: ["same"],
      instanceProfile: "same",
      address: "auto",
      elasticIps: [],
      targetGroups: [],
      userData: "same",
      tags: {},
      minimumPercent: 100,
      overrides: {},
    });
  });

  it("compilePlan compiles every form of a record's value, its name in lower case without the last dot", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
        Object.assign(d.traffic.records[0], { name: "Shop.Example.com.", primary: ["192.0.2.1", "192.0.2.2"] });
        d.traffic.records.push({
          name: "app.example.com",
          type: "A",
          policy: "simple",
          primary: "192.0.2.3",
          recovery: "launched:app",
          zone: "Z2",
        });
      }),
    );
    expect(plan?.traffic?.records).toMatchObject([
      { name: "shop.example.com", primary: { addresses: ["192.0.2.1", "192.0.2.2"] }, recovery: { alias: {} } },
      {
        name: "app.example.com",
        primary: { addresses: ["192.0.2.3"] },
        recovery: { launched: "app" },
        ttlSeconds: 60,
        zone: "Z2",
      },
    ]);
  });

  it("compilePlan compiles overrides, a verify without a path and a probe without connect", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        d.protect[0].launch.overrides = { "app-1": { address: "10.0.0.9", instanceTypes: ["m6i.xlarge"] } };
        d.protect[0].verify = { http: ":22", from: "ssm" };
        d.detect.witnesses[1].probe = { url: "https://direct.example.com" };
      }),
    );
    expect(plan?.protect[0]).toMatchObject({
      launch: { overrides: { "app-1": { address: "10.0.0.9", instanceTypes: ["m6i.xlarge"] } } },
      verify: { http: { port: 22, path: "/" }, withinSeconds: 300, from: "ssm" },
    });
    expect(plan?.detect.witnesses[1]).toMatchObject({ kind: "probe", connect: null, side: "primary" });
  });

  it("compilePlan compiles what organisations ask for: tags, clocks, metadata, reservations, empty and whole volumes", () => {
    const { plan, problems } = compilePlan(
      aDocument((d) => {
        d.tags = { Owner: "shop-team" };
        d.timeZone = "Europe/Berlin";
        d.detect.maintenance = [{ cron: "0 2 ? * SUN *", for: "2h" }];
        d.protect[0].exclude = { volumes: ["/dev/sdf"], replace: "empty" };
        d.protect[0].every = "cron(30 3 * * ? *)";
        d.protect[0].launch.metadata = { tokens: "required", tags: "same", hopLimit: 2 };
        d.protect[0].launch.capacityReservation = "cr-0abc";
        d.protect[0].launch.initializationRate = 200;
        d.protect[0].verify = { https: ":8443/ready", from: "ssm", initialized: true };
        d.protect[1].verify = { tcp: ":5432", from: "public" };
      }),
    );
    expect(problems).toEqual([]);
    expect(plan!.timeZone).toBe("Europe/Berlin");
    expect(plan!.detect.maintenance).toEqual([{ cron: "0 2 ? * SUN *", forSeconds: 7_200, timeZone: "Europe/Berlin" }]);
    const [app, web] = plan!.protect;
    // 23 hours, in the night in which clocks are put forward
    expect(app).toMatchObject({ tags: { Owner: "shop-team" }, everySeconds: 82_800 });
    expect(app!.exclude).toEqual({ volumes: ["/dev/sdf"], replace: "empty" });
    expect(app!.launch.metadata).toEqual({ tokens: "required", hopLimit: 2 });
    expect(app!.launch).toMatchObject({ capacityReservation: "cr-0abc", initializationRate: 200 });
    expect(app!.verify).toEqual({
      https: { port: 8443, path: "/ready" },
      withinSeconds: 300,
      from: "ssm",
      initialized: true,
    });
    expect(web).toMatchObject({ tags: { Owner: "shop-team" } });
    expect(web!.verify).toEqual({ tcp: { port: 5432 }, withinSeconds: 300, from: "public" });
  });

  it("a target group needs no form of verify, and without a rate whole volumes are a matter of luck", () => {
    const arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/app/0123456789abcdef";
    const edit: Edit = (d) => {
      d.protect[0].launch.targetGroups = [arn];
      d.protect[0].verify = { from: "targetGroup", initialized: true };
    };
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toContainEqual(
      "protect[0].verify.initialized: without launch.initializationRate the time to load a volume is unknown; 5m may be too short",
    );
  });

  it("compilePlan never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withMap: true }), (document) => {
        const { plan, problems } = compilePlan(document);
        expect(plan).toBeNull();
        expect(problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it.each<[string, Edit]>([
    ["the web shop", () => {}],
    [
      "a plan with all that detect and traffic can have",
      (d) => {
        Object.assign(d, { protect: [], traffic: aRoutedTraffic() });
        Object.assign(d.detect, {
          approval: { within: "10m", otherwise: "hold" },
          maintenance: [{ cron: "0 2 ? * SUN *", for: "2h" }],
        });
        d.detect.witnesses.push(
          { name: "r53", healthCheck: "11111111-2222-3333-4444-555555555555" },
          { name: "quiet", silence: "eu-west-1", after: "3m" },
          { name: "aws", awsHealth: ["EC2"], region: "eu-west-1" },
        );
        Object.assign(d.detect.witnesses[1].probe, { expect: [200], contains: "ready", from: "us-east-1" });
        delete d.recover;
      },
    ],
  ])("compilePlan never throws when one part of %s is anything", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
    const paths = pathsOf(aDocument(edit));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        const document = aDocument((d) => {
          edit(d);
          replace(d, path, value);
        });
        const { plan, problems } = compilePlan(document);
        expect(plan === null).toBe(problems.length > 0);
      }),
      { numRuns: 150 },
    );
  });
});

type Key = string | number;
const pathsOf = (node: unknown, path: Key[] = []): Key[][] => {
  if (node === null || typeof node !== "object") return [path];
  const inner = Object.entries(node).flatMap(([key, value]) => pathsOf(value, [...path, key]));
  return path.length ? [path, ...inner] : inner;
};
// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
const replace = (document: any, path: Key[], value: unknown) => {
  const parent = path.slice(0, -1).reduce((node, key) => node[key], document);
  parent[path.at(-1)!] = value;
};
