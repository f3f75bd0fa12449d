/**
 * Stands in for `@smithy/core/event-streams` in the bundles: no call of ours streams events, but the SDK carries their
 * codec (13 KB) for the day when one would.
 */
export class EventStreamSerde {}
export const eventStreamSerdeProvider = () => ({});
export const resolveEventStreamSerdeConfig = <T>(config: T): T => config;
