/** What goes wrong, from when (ms) until when (ms, exclusive; Infinity = for good). Contract: design of the scenario file. */
export type Fault = { from: number; until: number } & (
  | { fault: "region-down"; region: string }
  | { fault: "link-down"; caller: string; callee: string; both?: boolean }
  | { fault: "control-plane-down"; services: string[] }
  | { fault: "brown-out"; services: string[]; region?: string; error: BrownOut }
  | ({ fault: "api-error"; error: string; status?: number; rate?: number; count?: number } & Where)
  | ({ fault: "throttle"; rate: number } & Where)
  | ({ fault: "lost-response"; rate: number } & Where)
  | { fault: "slow-copy"; factor: number }
  | { fault: "copy-error"; rate: number }
  | { fault: "copy-quota"; limit: number }
  | { fault: "snapshot-error"; rate: number }
  | { fault: "volume-deleted"; count?: number }
  | { fault: "key-disabled" | "key-denied"; region: string; key?: string }
  | { fault: "alias-moved"; region: string; alias?: string }
  | { fault: "token-buckets"; share: number }
  | { fault: "right-missing"; action: string; region?: string }
  | { fault: "no-capacity"; types?: string[]; zones?: string[] }
  | { fault: "verification-pending"; region: string }
  | { fault: "copies-deleted"; newest: number }
  | { fault: "group-deleted" }
  | { fault: "forged-metric"; value: number }
  | { fault: "stop-protected"; rate: number }
  | { fault: "slow-shutdown"; by: number }
  | { fault: "duplicate-events"; rate?: number }
  | { fault: "late-events"; by: number }
  | { fault: "lost-events"; rate: number }
  | { fault: "lambda-crash"; step: string; operation?: string; nth?: number; when: "before" | "after"; count?: number }
  | { fault: "witness"; name: string; application?: string; state: "healthy" | "unhealthy" | "cannot-tell" }
  | { fault: "health-issue"; region: string; services: string[] }
  | { fault: "zone-edit"; name: string; type: string; set?: string }
  | { fault: "clock-skew"; region: string; by: number }
);

/** What every call of a service meets while it browns out. */
export type BrownOut = "unavailable" | "throttled";

/** `RunInstances`, `EC2.RunInstances`, `EC2.*` or `*` (the default). */
export type Where = { operation?: string; region?: string };

export type Of<F extends Fault["fault"]> = Extract<Fault, { fault: F }>;

export type KeyFault = "key-disabled" | "key-denied";
