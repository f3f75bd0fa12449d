import {
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListHealthChecksCommand,
  type ListHealthChecksCommandOutput,
  Route53Client,
} from "@aws-sdk/client-route-53";
import type { Clients, Patience } from "./calls/clients.ts";
import { controlPlane } from "./route-53.ts";

export type HealthCheck = {
  id: string;
  type: string;
  inverted: boolean;
  disabled: boolean;
  alarm: { name: string; region: string } | null;
  insufficientData: string | null;
  /** ARN of the routing control that a RECOVERY_CONTROL check follows. */
  routingControl: string | null;
};

/** A health check as it is configured, or null when there is none of that id. */
export const healthCheck = async (clients: Clients, id: string, patience: Patience): Promise<HealthCheck | null> => {
  try {
    const { HealthCheck: found } = await clients(Route53Client, controlPlane, patience).send(
      new GetHealthCheckCommand({ HealthCheckId: id }),
    );
    const config = found?.HealthCheckConfig;
    const alarm = config?.AlarmIdentifier;
    return {
      id,
      type: config?.Type ?? "",
      inverted: config?.Inverted ?? false,
      disabled: config?.Disabled ?? false,
      alarm: alarm ? { name: alarm.Name ?? "", region: alarm.Region ?? "" } : null,
      insufficientData: config?.InsufficientDataHealthStatus ?? null,
      routingControl: config?.RoutingControlArn ?? null,
    };
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchHealthCheck") return null;
    throw error;
  }
};

/**
 * Ids of the health checks that follow this alarm of this Region, in the order of Route 53: how a person finds the one that a
 * stack has made. Reads every page; throws when they do not end. [SDK Route53: ListHealthChecks]
 */
export const checksOfAlarm = async (clients: Clients, alarm: { name: string; region: string }): Promise<string[]> => {
  const found: string[] = [];
  let Marker: string | undefined;
  for (let pages = 0; pages < checkPagesMax; pages++) {
    const page: ListHealthChecksCommandOutput = await clients(Route53Client, controlPlane).send(
      new ListHealthChecksCommand({ ...(Marker && { Marker }) }),
    );
    for (const { Id = "", HealthCheckConfig } of page.HealthChecks ?? []) {
      const { Name, Region } = HealthCheckConfig?.AlarmIdentifier ?? {};
      if (Name === alarm.name && Region === alarm.region) found.push(Id);
    }
    if (!page.IsTruncated || !page.NextMarker) return found;
    Marker = page.NextMarker;
  }
  throw new Error("the listing of health checks does not end");
};

/** A page has 100; an account has 200 health checks, and more when it asks. [R53:DNSLimitations] */
export const checkPagesMax = 200;

/** Route 53 calls an endpoint healthy when more of its checkers than this say so. [R53:dns-failover-determining-health-of-endpoints] */
export const healthyShare = 0.18;

/** What Route 53's checkers say of an endpoint now; null when none of them has said anything. One short attempt. */
export const isEndpointHealthy = async (clients: Clients, id: string): Promise<boolean | null> => {
  const { HealthCheckObservations = [] } = await clients(Route53Client, controlPlane, "optional").send(
    new GetHealthCheckStatusCommand({ HealthCheckId: id }),
  );
  const said = HealthCheckObservations.flatMap(({ StatusReport }) => StatusReport?.Status ?? []);
  if (said.length === 0) return null;
  return said.filter((status) => status.startsWith("Success")).length > said.length * healthyShare;
};
