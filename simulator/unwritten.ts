import { HttpRequest } from "@smithy/core/protocols";

const url = new URL("https://aws.simulated");

/** In the place of a client's wire protocol: the simulator answers typed inputs, and never looks at what they are written as. */
class Unwritten {
  serializeRequest = async () =>
    new HttpRequest({ hostname: url.hostname, protocol: url.protocol, method: "POST", path: "/" });
  setSerdeContext = () => undefined;
}

/** Client options of long stories: no request is written, which is a sixth of what a simulated call costs. */
export const unwritten = {
  protocol: Unwritten,
  endpointProvider: () => ({ url }),
  endpoint: undefined,
  defaultUserAgentProvider: async () => [],
};
