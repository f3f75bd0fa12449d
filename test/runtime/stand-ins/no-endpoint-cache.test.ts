import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { EndpointCache } from "../../../functions/runtime/stand-ins/no-endpoint-cache.ts";

test("a client of DynamoDB discovers no endpoints unless it is told to, and asks its cache nothing", async () => {
  const client = new DynamoDBClient({ region: "eu-west-1" });
  expect(await client.config.endpointDiscoveryEnabled?.()).toBeFalsy();
  expect(Object.getOwnPropertyNames(EndpointCache.prototype)).toEqual(["constructor"]);
});
