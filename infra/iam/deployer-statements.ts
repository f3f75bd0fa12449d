import type { Statement } from "./policy.ts";

const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
export const here = "${AWS::Region}:${AWS::AccountId}";
/** These verbs of a service on these resources; "*" is every one. */
export const on = (resources: string[], service: string, ...verbs: string[]): Statement => ({
  actions: verbs.map((verb) => `${service}:${verb}`),
  resources: resources.map((one) => (one === "*" ? one : arn(one))),
});
export const tagging = ["TagResource", "UntagResource", "ListTagsForResource"];
