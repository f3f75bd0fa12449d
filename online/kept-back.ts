import type { KeptBack } from "../functions/aws/calls/dry-run.ts";

export const keptBackLine = ({ service, operation, region, input }: KeptBack) =>
  `not sent: ${service} ${operation} in ${region} ${JSON.stringify(input)}`;

export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
