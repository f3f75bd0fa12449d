import {
  GetRoutingControlStateCommand,
  Route53RecoveryClusterClient,
  UpdateRoutingControlStatesCommand,
} from "@aws-sdk/client-route53-recovery-cluster";
import type { ClusterEndpoint, ControlState } from "../core/traffic/routing-control.ts";
import { inRotation, isEndpointFault } from "../core/traffic/routing-control.ts";
import type { Clients } from "./calls/clients.ts";
import { codeOf, isPassing } from "./calls/errors.ts";

/** What one endpoint after the other was asked; `failed` names those that could not answer, with their errors. */
export type Asked<T> = { value: T; endpoint: string; failed: string[] };

/** No endpoint of the cluster could answer. It may have done what it was asked to all the same. */
export class ClusterSilentError extends Error {
  override name = "ClusterSilentError";
}

/**
 * Asks the endpoints of a cluster in turn, from `start` on, each once and for a short time, until one answers: each of
 * the five may be down, and which one is best nobody knows. Throws what an endpoint refuses for good. [SDK route53-recovery-cluster]
 */
const anyOf = async <T>(
  endpoints: ClusterEndpoint[],
  start: number,
  ask: (endpoint: ClusterEndpoint) => Promise<T>,
): Promise<Asked<T>> => {
  const failed: string[] = [];
  for (const endpoint of inRotation(endpoints, start)) {
    try {
      return { value: await ask(endpoint), endpoint: endpoint.region, failed };
    } catch (error) {
      if (!isPassing(error) && !isEndpointFault(codeOf(error))) throw error;
      failed.push(`${endpoint.region} (${codeOf(error)})`);
    }
  }
  throw new ClusterSilentError(`no endpoint of the cluster answers: ${failed.join(", ") || "the plan names none"}`);
};

const clientOf = (clients: Clients, { region, url }: ClusterEndpoint) =>
  clients(Route53RecoveryClusterClient, region, "optional", url);

/** Turns several routing controls in one atomic call: all or none. ConflictException = a safety rule says no. */
export const updateStates = (
  clients: Clients,
  endpoints: ClusterEndpoint[],
  start: number,
  states: ControlState[],
): Promise<Asked<void>> =>
  anyOf(endpoints, start, async (endpoint) => {
    await clientOf(clients, endpoint).send(
      new UpdateRoutingControlStatesCommand({
        UpdateRoutingControlStateEntries: states.map(({ control, state }) => ({
          RoutingControlArn: control,
          RoutingControlState: state,
        })),
      }),
    );
  });

/** The states of these controls as one endpoint has them. */
export const readStates = (
  clients: Clients,
  endpoints: ClusterEndpoint[],
  start: number,
  controls: string[],
): Promise<Asked<ControlState[]>> =>
  anyOf(endpoints, start, async (endpoint) => {
    const client = clientOf(clients, endpoint);
    const read = async (control: string): Promise<ControlState> => {
      const { RoutingControlState } = await client.send(
        new GetRoutingControlStateCommand({ RoutingControlArn: control }),
      );
      return { control, state: RoutingControlState === "On" ? "On" : "Off" };
    };
    return Promise.all(controls.map(read));
  });
