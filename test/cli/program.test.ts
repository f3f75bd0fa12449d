import { describe, expect, it } from "vitest";
import { program } from "../../cli/program.ts";
import { createOutput } from "../../terminal/output.ts";

const run = async (...args: string[]) => {
  const out: string[] = [];
  const error: string[] = [];
  const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 });
  const code = await program(args, createOutput(stream(out) as never, stream(error) as never));
  return { code, out: out.join(""), error: error.join("") };
};

describe("lifeboat", () => {
  it("lists the commands that there are, and no others", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    expect([...out.matchAll(/^ {2}(\w+)[ |]/gm)].map(([, name]) => name)).toEqual([
      ...["check", "schema", "init", "completion", "replicate", "rotate", "rekey"],
      ...["status", "failover", "follow", "abort", "approve", "withhold", "acknowledge", "pause", "resume", "rehearse"],
    ]);
  });

  it("takes reject for withhold", async () => {
    expect((await run("reject", "--help")).out).toBe((await run("withhold", "--help")).out);
    expect((await run("help", "reject")).out).toMatch(/^Usage: lifeboat withhold\|reject /);
  });

  it("answers help and help COMMAND as --help and COMMAND --help", async () => {
    expect(await run("help")).toEqual(await run("--help"));
    expect(await run("help", "rehearse")).toEqual(await run("rehearse", "--help"));
    expect((await run("--help")).out).toContain("lifeboat help COMMAND lists the options of one command.");
  });

  it("prints its version", async () => {
    expect(await run("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await run("version")).toEqual(await run("--version"));
  });

  it.each([
    [[], "error: no command given\nnext: lifeboat --help lists the commands\n"],
    [
      ["chek"],
      "error: unknown command 'chek'\nnext: Did you mean check? lifeboat --help lists the commands, lifeboat COMMAND --help its options\n",
    ],
    [
      ["preview", "x.yml"],
      "error: unknown command 'preview'\nnext: lifeboat --help lists the commands, lifeboat COMMAND --help its options\n",
    ],
    [
      ["deploy", "--plan", "x.yml"],
      "error: deploy is not a lifeboat command: it builds from the sources\nnext: in a checkout of Lifeboat, npm run deploy -- --plan FILE (docs/install.md)\n",
    ],
    [
      ["check"],
      "error: missing required argument 'plan'\nnext: lifeboat --help lists the commands, lifeboat COMMAND --help its options\n",
    ],
    [
      ["check", "--fix", "x.yml"],
      "error: unknown option '--fix'\nnext: lifeboat --help lists the commands, lifeboat COMMAND --help its options\n",
    ],
    [
      ["schema", "extra"],
      "error: too many arguments for 'schema'. Expected 0 arguments but got 1: extra.\nnext: lifeboat --help lists the commands, lifeboat COMMAND --help its options\n",
    ],
  ])("answers %j with one line what and one line what next, exit 2", async (args, error) => {
    expect(await run(...args)).toEqual({ code: 2, out: "", error });
  });

  it("tells of bad usage as an object, too", async () => {
    const { code, out } = await run("check", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: {
        name: "UsageError",
        message: "missing required argument 'plan'",
        hint: expect.stringContaining("--help"),
      },
    });
  });

  it("refuses an automatic action upon one point of view, with the place and what to do", async () => {
    const plan = "test/scenarios/plans/warm.yml";
    const { code, out } = await run("check", plan);
    const got = "page, region, all in eu-central-1: a fault there looks like a failed Region";
    const todo = "add a probe with from: a third Region, or add a Route 53 health check and raise unhealthy to 3";
    expect([code, out.split("\n")]).toEqual([
      2,
      [
        `${plan}:12:25 detect.verdict.unhealthy: expected witnesses in two locations in every quorum of action automatic (got ${got})`,
        `next: ${todo}`,
        `${plan}:21:3 notify.topics: warning: no topic in the primary Region eu-west-1: the alarms of its guard and its sensor reach nobody`,
        `${plan}: 1 problem`,
        "",
      ],
    ]);
    const json = JSON.parse((await run("check", "--json", plan)).out);
    expect(json).toMatchObject({ ok: false, files: [{ ok: false, problems: [], refusals: [{ line: 12, todo }] }] });
  });

  it("checks several plans, with a line for each", async () => {
    expect(await run("check", "examples/minimal.yml", "examples/web-shop.yml")).toEqual({
      code: 0,
      error: "",
      out:
        "examples/minimal.yml: ok - notes: us-west-2 -> us-east-2, 1 resource in 1 wave, traffic by takeover\n" +
        "examples/web-shop.yml: ok - web-shop: eu-west-1 -> eu-central-1, 2 resources in 2 waves, traffic by takeover\n",
    });
  });

  it("exits 2 with every problem when one of the plans is bad", async () => {
    const { code, out } = await run("check", "examples/minimal.yml", "test/cli/twelve-mistakes.yml");
    expect(code).toBe(2);
    const lines = out.trimEnd().split("\n");
    expect(
      lines.filter((line) => /^test\/cli\/twelve-mistakes\.yml:\d+:\d+ \S+: expected .* \(got .*\)$/.test(line)),
    ).toHaveLength(12);
    expect(lines.slice(-3)).toEqual([
      "test/cli/twelve-mistakes.yml: note: stored, not used yet: protect[0].launch.drillSubnets (line 21)",
      "test/cli/twelve-mistakes.yml: 12 problems",
      "next: fix the plan (docs/plan.md explains every key), then run lifeboat check again",
    ]);
  });

  it("gives the same as one object with --json", async () => {
    const { code, out } = await run("check", "--json", "examples/minimal.yml", "test/cli/twelve-mistakes.yml");
    expect(code).toBe(2);
    const { ok, files } = JSON.parse(out);
    expect(ok).toBe(false);
    expect(files).toMatchObject([
      { file: "examples/minimal.yml", ok: true, plan: { application: "notes" }, problems: [] },
      {
        file: "test/cli/twelve-mistakes.yml",
        ok: false,
        plan: null,
        notes: [{ path: "protect[0].launch.drillSubnets", line: 21 }],
      },
    ]);
    expect(files[1].problems).toHaveLength(12);
    expect(files[1].problems[0]).toEqual({
      file: "test/cli/twelve-mistakes.yml",
      line: 1,
      column: 10,
      path: "version",
      expected: "1",
      got: "2",
    });
  });

  it("prints the schema of a plan", async () => {
    const { code, out } = await run("schema");
    expect(code).toBe(0);
    const schema = JSON.parse(out);
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Lifeboat plan",
      additionalProperties: false,
      required: ["version", "application", "regions", "objectives", "protect"],
    });
    expect(JSON.parse((await run("schema", "--json")).out)).toEqual(schema);
  });
});
