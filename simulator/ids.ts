/** Ids of simulated resources. */

import { hash } from "./random.ts";

/** 17 hexadecimal digits after the prefix, never twice in a world: the count is part of them. */
export const createIds = (seed: number) => {
  let count = 0;
  return (prefix: string) => {
    count++;
    const digits = [hash(`${seed}/id/${count}`), hash(`${count}/id/${seed}`)]
      .map((part) => part.toString(16).padStart(8, "0"))
      .join("");
    return `${prefix}-0${digits.slice(0, 11)}${count.toString(16).padStart(5, "0")}`;
  };
};

/** 8-4-4-4-12 hexadecimal digits, made of those of an id. */
export const uuidOf = (id: string) => {
  const digits = (id.slice(1) + hash(id).toString(16) + hash(`${id}/uuid`).toString(16)).padEnd(32, "0").slice(0, 32);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** Fields that the SDK fills with a random token when they are empty: a step must give its own, or no run repeats. */
export const tokens: Record<string, string> = {
  "EC2.RunInstances": "ClientToken",
  "EC2.CopyImage": "ClientToken",
  "EC2.CreateNetworkAcl": "ClientToken",
  "Scheduler.CreateSchedule": "ClientToken",
  "DynamoDB.TransactWriteItems": "ClientRequestToken",
};
