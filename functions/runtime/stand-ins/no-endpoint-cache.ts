/**
 * Stands in for `@aws-sdk/endpoint-cache` in the bundles: DynamoDB's client makes a cache for endpoints that it discovers,
 * which it does only when told to, and the cache brings 8 KB of data structures along.
 */
export class EndpointCache {}
