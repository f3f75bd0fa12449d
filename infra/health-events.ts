import { issueCategories, manyServices } from "../functions/core/detect/aws-health.ts";
import { healthRegions } from "../functions/core/detect/sensors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { accountId } from "./fragment.ts";

/** Regions in which AWS Health delivers what the plan's witnesses want to hear, sorted. */
export const healthRegionsOf = (plan: Plan) =>
  [...new Set(witnessesOf(plan).flatMap(({ region }) => healthRegions(region)))].sort();

const witnessesOf = ({ detect }: Plan) =>
  detect.witnesses.flatMap((witness) => (witness.kind === "awsHealth" ? [witness] : []));

/**
 * Event pattern for issues of the watched services, as they are delivered in these Regions: `region` is where an event
 * was delivered, `eventRegion` the Region that is ill. Detect tells the witnesses apart. [Health:aws-health-events-eventbridge-schema]
 */
export const healthIssues = (plan: Plan, regions: string[]) => {
  const selected = witnessesOf(plan).filter(({ region }) => healthRegions(region).some((one) => regions.includes(one)));
  const sorted = (values: string[]) => [...new Set(values)].sort();
  return {
    account: [accountId],
    source: ["aws.health"],
    "detail-type": ["AWS Health Event"],
    region: regions,
    detail: {
      service: sorted([manyServices, ...selected.flatMap(({ services }) => services)]),
      eventTypeCategory: [...issueCategories],
      eventRegion: sorted(selected.map(({ region }) => region)),
    },
  };
};
