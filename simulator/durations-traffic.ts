/**
 * How long the traffic side of AWS takes, in seconds. Where no page gives a figure, the range is our estimate from
 * common experience, and says so.
 */
export const trafficSeconds = {
  /** A standard-resolution metric has one datapoint a minute, and alarms on it are evaluated once a minute. [CW:AlarmThatSendsEmail] */
  metricPeriod: 60,
  /** From the end of a minute until alarms and health checks see its datapoint. Estimate. */
  datapoint: { low: 5, high: 20 },
  /** From then until a CLOUDWATCH_METRIC health check has the new status. Estimate. */
  healthCheck: { low: 5, high: 20 },
  /** From a new state of a routing control until its health check has it. Estimate. */
  routingControl: { low: 1, high: 6 },
  /** From a new health status until one name server of the zone answers by it. Estimate. */
  healthPropagation: { low: 1, high: 10 },
  /** From an accepted change of records until one name server answers by it: usually within 60 s. [SDK Route53: GetChange] */
  recordPropagation: { low: 5, high: 55 },
  /** A second change of a zone that comes sooner meets PriorRequestNotComplete. Estimate. */
  recordChange: 1,
  /** TTL of the answers for a load balancer's name. [R53:resource-record-sets-choosing-alias-non-alias] */
  loadBalancerTtl: 60,
  /** Health checks of a target group: our settings, within 5 to 300 s and 2 to 10 answers. [ELB:target-group-health-checks] */
  targetCheck: { interval: 10, healthyThreshold: 2, unhealthyThreshold: 2 },
  /** From RegisterTargets until the first health check. Estimate. */
  targetRegistration: { low: 1, high: 3 },
  /** Deregistration delay, the default. [ELB:load-balancer-target-groups] */
  targetDraining: 300,
  /** From SendCommand until the agent begins, and from the end of the command until its result shows. Estimate. */
  command: { low: 1, high: 4 },
  /** From `running` until the agent has registered with Systems Manager. Estimate. */
  agent: { low: 10, high: 20 },
  /** One DNS question, and one HTTP request of a healthy server, there and back. Estimate. */
  dns: { low: 0.01, high: 0.08 },
  http: { low: 0.02, high: 0.2 },
} as const;
