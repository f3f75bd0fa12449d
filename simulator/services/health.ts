import { healthRegions } from "../../functions/core/detect/sensors.ts";
import { account, type World } from "../kernel.ts";

/**
 * AWS Health tells of a public issue, an event for each service, in the Region and in its backup Region; gives what tells
 * that it is closed. [Health:aws-health-events-eventbridge-schema, Health:choosing-a-region]
 */
export const tellOfIssues = (world: World, { region, services }: { region: string; services: string[] }) => {
  const startedAt = world.now();
  const issues = services.map((service) => ({
    service,
    code: `AWS_${service}_OPERATIONAL_ISSUE`,
    id: world.id("issue"),
  }));
  const tell = (statusCode: "open" | "closed") => {
    for (const { service, code, id } of issues)
      for (const delivered of healthRegions(region))
        world.emit({
          source: "aws.health",
          "detail-type": "AWS Health Event",
          region: delivered,
          detail: {
            eventArn: `arn:aws:health:${region}::event/${service}/${code}/${code}_${id}`,
            service,
            eventTypeCode: code,
            eventTypeCategory: "issue",
            eventScopeCode: "PUBLIC",
            communicationId: `${id}-${statusCode}`,
            startTime: new Date(startedAt).toUTCString(),
            ...(statusCode === "closed" && { endTime: new Date(world.now()).toUTCString() }),
            lastUpdatedTime: new Date(world.now()).toUTCString(),
            statusCode,
            eventRegion: region,
            page: "1",
            totalPages: "1",
            affectedAccount: account,
            eventDescription: [{ language: "en_US", latestDescription: `An issue of ${service} is ${statusCode}.` }],
            backupEvent: String(delivered !== region),
          },
        });
  };
  tell("open");
  return () => tell("closed");
};
