import { expect, test } from "vitest";
import {
  EventStreamSerde,
  eventStreamSerdeProvider,
  resolveEventStreamSerdeConfig,
} from "../../../functions/runtime/stand-ins/no-event-streams.ts";

test("a client whose service has event streams is made without their codec", () => {
  const config = { region: "eu-west-1", eventStreamSerdeProvider };
  expect(resolveEventStreamSerdeConfig(config)).toBe(config);
  expect(eventStreamSerdeProvider()).toEqual({});
  expect(new EventStreamSerde()).toBeDefined();
});
