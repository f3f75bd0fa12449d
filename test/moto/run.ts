import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** Pins of the independent AWS and of the template linter; their environment is made once, in .venv. */
const pins = ["moto[server]==5.2.5", "cfn-lint==1.51.0"];
const root = fileURLToPath(new URL("../..", import.meta.url));
const venv = `${root}.venv`;

const makeVenv = () => {
  const stamp = `${venv}/lifeboat-pins`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === pins.join("\n")) return;
  try {
    execFileSync("python3", ["-m", "venv", "--clear", venv], { stdio: "inherit" });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...pins];
    execFileSync(`${venv}/bin/python`, pip, { stdio: "inherit", timeout: 600_000 });
  } catch (error) {
    console.error(
      `The moto suite needs Python 3 with venv, and PyPI for ${pins.join(", ")}: ${(error as Error).message}`,
    );
    console.error("Make them reachable and run again; npm test needs neither.");
    process.exit(1);
  }
  mkdirSync(venv, { recursive: true });
  writeFileSync(stamp, pins.join("\n"));
};

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const answers = async (port: number) => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`moto did not listen on port ${port} within 20 s`);
};

const ended = (child: ChildProcess) => new Promise<number>((resolve) => child.on("exit", (code) => resolve(code ?? 1)));

makeVenv();
const [motoPort, routerPort] = [await freePort(), await freePort()];
const moto = spawn(`${venv}/bin/moto_server`, ["-H", "127.0.0.1", "-p", String(motoPort)], {
  // MOTO_PORT is where moto's Step Functions looks for Lambda: our router
  env: { ...process.env, MOTO_PORT: String(routerPort), MOTO_EC2_LOAD_DEFAULT_AMIS: "false" },
  stdio: "ignore",
});
const gone = ended(moto);
process.on("exit", () => moto.kill());
let code = 1;
try {
  await answers(motoPort);
  const env = {
    ...process.env,
    LIFEBOAT_MOTO_PORT: String(motoPort),
    LIFEBOAT_ROUTER_PORT: String(routerPort),
    LIFEBOAT_CFN_LINT: `${venv}/bin/cfn-lint`,
  };
  const vitest = spawn("npx", ["vitest", "run", "--config", "test/moto/vitest.config.ts"], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  code = await ended(vitest);
} finally {
  moto.kill();
  await gone;
}
process.exit(code);
