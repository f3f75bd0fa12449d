/** An Auto Scaling group and its suspended processes. */
export type Group = { name: string; suspended: string[] };

/**
 * All processes that launch, terminate or replace a server by themselves. [AS: as-suspend-resume-processes]
 * AddToLoadBalancer stays: it starts nothing.
 */
export const launchingProcesses = [
  "Launch",
  "Terminate",
  "HealthCheck",
  "ReplaceUnhealthy",
  "AZRebalance",
  "AlarmNotification",
  "ScheduledActions",
  "InstanceRefresh",
];

/** Processes of a group that still have to be suspended; empty = it launches and replaces nothing. */
export const unsuspended = ({ suspended }: Group): string[] =>
  launchingProcesses.filter((name) => !suspended.includes(name));

/** Groups that are not read as suspended; null = they could not be read. One that Auto Scaling does not know launches nothing. */
export const openGroups = (names: string[], found: Group[] | null): string[] =>
  found === null ? names : found.filter((group) => unsuspended(group).length > 0).map(({ name }) => name);
