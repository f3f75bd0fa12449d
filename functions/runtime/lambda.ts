import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics as PowertoolsMetrics } from "@aws-lambda-powertools/metrics";
import { ownMetrics } from "../core/names.ts";
import type { Outside } from "./context.ts";
import { createNet } from "./net.ts";

/** The outside as Lambda gives it: settings from the environment, AWS itself, Powertools for log and metrics. */
export const lambdaOutside = (step: string): Outside => {
  const setting = (name: string) => {
    const value = process.env[name];
    if (!value) throw new Error(`environment variable ${name}: expected a value (got none)`);
    return value;
  };
  const logger = new Logger({ serviceName: `lifeboat-${step}` });
  const metrics = new PowertoolsMetrics({ namespace: ownMetrics.namespace, serviceName: ownMetrics.service });
  return {
    settings: {
      region: setting("AWS_REGION"),
      home: process.env.LIFEBOAT_HOME ?? setting("AWS_REGION"),
      table: setting("LIFEBOAT_TABLE"),
      userDataTable: process.env.LIFEBOAT_USER_DATA_TABLE ?? "",
      bucket: setting("LIFEBOAT_BUCKET"),
      failoverMachine: process.env.LIFEBOAT_FAILOVER_MACHINE ?? "",
      answerMachine: process.env.LIFEBOAT_ANSWER_MACHINE ?? "",
      replicateMachine: process.env.LIFEBOAT_REPLICATE_MACHINE ?? "",
      detectFunction: process.env.LIFEBOAT_DETECT_FUNCTION ?? "",
      schedulerRole: process.env.LIFEBOAT_SCHEDULER_ROLE ?? "",
      approvalUrl: process.env.LIFEBOAT_APPROVAL_URL || undefined,
    },
    watches: [],
    clientDefaults: {},
    net: createNet(),
    log: {
      info: (message, fields) => logger.info(message, { ...fields }),
      warn: (message, fields) => logger.warn(message, { ...fields }),
      error: (message, fields) => logger.error(message, { ...fields }),
    },
    metrics: {
      add: (name, unit, value, dimensions) => {
        const single = metrics.singleMetric();
        for (const [key, text] of Object.entries(dimensions)) single.addDimension(key, text);
        single.addMetric(name, unit, value);
      },
    },
    now: () => new Date(),
  };
};
