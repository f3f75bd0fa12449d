import { type Draft, each, type Rule, type Say } from "../schema/draft.ts";
import { secondsOf } from "../values/values.ts";

/** The switch can do what its records ask for. The control plane of Route 53: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html */
export const switchFitsRecords: Rule = ({ traffic, regions }, say) => {
  const { acceptControlPlane: control, switch: by } = traffic ?? {};
  if (by === "records" && control !== true)
    say.problem(
      ["traffic", "acceptControlPlane"],
      "true: the switch records needs the Route 53 control plane in us-east-1 at the moment of a failover",
      control === undefined ? "nothing" : "false",
      control === undefined ? "parent" : "value",
    );
  if (by === "records" && regions?.primary === "us-east-1")
    say.warning(
      ["traffic", "switch"],
      "records cannot move while us-east-1 does not answer, because its control plane runs there; takeover can",
    );
  if (by !== undefined && by !== "takeover" && traffic?.healthCheck !== undefined)
    say.warning(["traffic", "healthCheck"], `only the switch takeover has a health check of its own, not ${by}`);
  for (const [{ policy }, index] of each(traffic?.records)) {
    const path = ["traffic", "records", index, "policy"];
    if (policy === undefined || policy === "failover") continue;
    if (by === "takeover") say.problem(path, "failover: the switch takeover flips a failover pair", policy);
    if (by === "routing-control")
      say.problem(path, "failover, the pair whose health checks follow the routing controls", policy);
  }
};

/** A cluster and a pair of controls per record with the switch routing-control, and with no other. */
export const routingControlsFit: Rule = ({ traffic }, say) => {
  const by = traffic?.switch;
  if (!traffic || by === undefined) return;
  const wanted = by === "routing-control";
  if (wanted && traffic.cluster === undefined)
    say.problem(
      ["traffic", "cluster"],
      "{ endpoints: [{ region, url }, …] }: the five endpoints of the cluster, because they cannot be looked up during a failover",
      "nothing",
      "parent",
    );
  if (!wanted && traffic.cluster)
    say.problem(["traffic", "cluster"], "no cluster without the switch routing-control", `one with ${by}`, "key");
  for (const [{ routingControls }, index] of each(traffic.records)) {
    const path = ["traffic", "records", index, "routingControls"];
    if (wanted && routingControls === undefined)
      say.problem(path, "{ primary, recovery }: the ARNs of the controls behind the two sets", "nothing", "parent");
    if (!wanted && routingControls)
      say.problem(path, "no routingControls without the switch routing-control", `them with ${by}`, "key");
  }
  endpointsFit(traffic, say);
  controlsAreApart(traffic, say);
};

/** Every endpoint in a Region of its own, and under the name of that Region. */
const endpointsFit = ({ cluster }: NonNullable<Draft["traffic"]>, say: Say) => {
  const seen = new Set<string>();
  for (const [{ region, url }, index] of each(cluster?.endpoints)) {
    const path = ["traffic", "cluster", "endpoints", index];
    if (region && seen.has(region)) say.problem([...path, "region"], "each Region once", `${region} again`);
    if (region) seen.add(region);
    const named = /\.((?:[a-z]{2}|us-gov)-[a-z]+-\d)\./.exec(url ?? "")?.[1];
    if (region && named && named !== region)
      say.problem([...path, "url"], `the endpoint in ${region}`, `one in ${named}`);
  }
};

/** https://docs.aws.amazon.com/r53recovery/latest/dg/routing-control.quotas.html */
const controlsMax = 10;

/** One batch turns all pairs: it holds so many controls, and what is on for one record cannot be off for another. */
const controlsAreApart = ({ records }: NonNullable<Draft["traffic"]>, say: Say) => {
  const controls = each(records).flatMap(([{ routingControls: pair }]) =>
    [pair?.primary ?? [], pair?.recovery ?? []].flat(),
  );
  const count = new Set(controls).size;
  if (count > controlsMax)
    say.problem(
      ["traffic", "records"],
      `at most ${controlsMax} routing controls, the limit of one call`,
      String(count),
    );
  const primaries = new Set(each(records).flatMap(([{ routingControls }]) => routingControls?.primary ?? []));
  for (const [{ routingControls }, index] of each(records))
    if (routingControls?.recovery && primaries.has(routingControls.recovery))
      say.problem(
        ["traffic", "records", index, "routingControls", "recovery"],
        "a routing control of the recovery side",
        "one of a primary side",
      );
};

/** Steps and gate are of weights; a step is worth its time only when somebody watches. */
export const stepsFitPolicies: Rule = ({ traffic }, say) => {
  for (const [{ policy, steps, gate }, index] of each(traffic?.records)) {
    if (policy === undefined) continue;
    const path = ["traffic", "records", index];
    if (policy !== "weighted") {
      if (steps) say.problem([...path, "steps"], "no steps without the policy weighted", `them with ${policy}`, "key");
      if (gate) say.problem([...path, "gate"], "no gate without the policy weighted", `one with ${policy}`, "key");
      continue;
    }
    const watched = secondsOf(gate ?? "0s") > 0;
    const several = (steps?.length ?? 1) > 1;
    if (several && !watched)
      say.warning([...path, "steps"], "without a gate no step is observed: all traffic moves at once");
    if (watched && !several)
      say.warning([...path, "gate"], "without steps there is nothing to observe: all traffic moves at once");
  }
};
