import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { program } from "../../cli/program.ts";
import { createOutput } from "../../terminal/output.ts";

const run = async (...args: string[]) => {
  const [out, error]: [string[], string[]] = [[], []];
  const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
  const code = await program(args, createOutput(stream(out), stream(error)));
  return { code, out: out.join(""), error: error.join("") };
};

/** Every command with its options, as their help lists them. */
const listed = async () => {
  const names = [...(await run("--help")).out.matchAll(/^ {2}(\w+)[ |]/gm)].map(([, name]) => name!);
  const optionsOf = async (name: string) =>
    [...(await run(name, "--help")).out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!);
  return new Map(await Promise.all(names.map(async (name) => [name, await optionsOf(name)] as const)));
};

/** What bash offers at the end of these words. */
const offered = (script: string, words: string[]) => {
  const list = words.map((word) => `'${word}'`).join(" ");
  const ask = `${script}\nCOMP_WORDS=(lifeboat ${list}); COMP_CWORD=${words.length}; _lifeboat; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--noprofile", "--norc", "-c", ask], { encoding: "utf8" }).split("\n").filter(Boolean);
};

describe("lifeboat completion", () => {
  it("lifeboat completion lets bash offer every command, every option of it, Regions and files", async () => {
    const { out } = await run("completion", "bash");
    const commands = await listed();
    expect(offered(out, [""])).toEqual([...commands.keys()]);
    for (const [name, options] of commands) expect(offered(out, [name, "--"]).sort()).toEqual([...options].sort());
    expect(offered(out, ["st"])).toEqual(["status"]);
    expect(offered(out, ["status", "shop", "--region", "eu-c"])).toEqual(["eu-central-1", "eu-central-2"]);
    expect(offered(out, ["rehearse", "shop.yml", "--scenario", "quie"])).toEqual(["quiet"]);
    expect(offered(out, ["check", "examples/min"])).toEqual(["examples/minimal.yml"]);
  });

  it.each([
    ["zsh", (name: string) => `    ${name}) _arguments `, (flag: string) => `'${flag}[`],
    ["fish", (name: string) => `-a ${name} -d '`, (flag: string) => ` -l ${flag.slice(2)} `],
  ])("tells %s every command and every option of it", async (shell, command, option) => {
    const { code, out } = await run("completion", shell);
    expect(code).toBe(0);
    for (const [name, options] of await listed()) {
      const lines = out.split("\n").filter((line) => line.includes(command(name)) || line.includes(`_from ${name}'`));
      for (const flag of options) expect(lines.join("\n")).toContain(option(flag));
    }
    expect(out).toMatch(/eu-central-1 eu-central-2/);
    // each quote is closed on its line
    expect(out.split("\n").filter((line) => (line.match(/'/g)?.length ?? 0) % 2 === 1)).toEqual([]);
  });

  it("lifeboat completion knows three shells", async () => {
    expect(await run("completion", "powershell")).toEqual({
      code: 2,
      out: "",
      error:
        "error: expected a shell: bash, zsh or fish (got powershell)\nnext: docs/install.md explains where to put it\n",
    });
  });
});
