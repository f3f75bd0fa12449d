import { fileURLToPath } from "node:url";
import { makeVirtualEnvironment } from "./virtual-environment.ts";

/** Makes the Python environment of the moto suite ahead of it, while other work goes on. */
await makeVirtualEnvironment(fileURLToPath(new URL("../../.venv", import.meta.url)), () => undefined);
