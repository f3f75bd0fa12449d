import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Pins of two independent AWSs, of AWS's own models of its interfaces, of the linter of templates, and of the auditor of roles. */
const motoPins = [
  ...["moto[server]==5.2.5", "ministack==1.5.33", "botocore==1.43.106", "cfn-lint==1.51.0"],
  // newer ones have no pkg_resources, by which parliament finds its own files
  ...["parliament==1.6.4", "setuptools==80.9.0"],
];
const installSecondsMax = 600;

/**
 * Makes the Python environment of the suite in `folder`, once: it is made again when a pin changes, or when it was left
 * half-made. Throws with one sentence when Python or PyPI is missing. `started` hears of each process. `user` is who needs it.
 */
export const makeVirtualEnvironment = async (
  folder: string,
  started: (child: ChildProcess) => void,
  pins = motoPins,
  user = "the moto suite",
) => {
  const stamp = `${folder}/lifeboat-pins`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === pins.join("\n")) return;
  console.error(`making ${folder} with ${pins.join(" and ")}: about a minute, once`);
  const run = (program: string, args: string[]) => {
    const child = spawn(program, args, { stdio: "inherit" });
    started(child);
    const late = setTimeout(() => child.kill(), installSecondsMax * 1_000);
    const ended = new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
    });
    return ended.finally(() => clearTimeout(late));
  };
  try {
    await run("python3", ["-m", "venv", "--clear", folder]);
    await run(`${folder}/bin/python`, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...pins]);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `${user} needs Python 3 with venv, and PyPI for ${pins.join(" and ")} (${message}); npm test needs neither`,
    );
  }
  writeFileSync(stamp, pins.join("\n"));
};
