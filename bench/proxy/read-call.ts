import type { IncomingHttpHeaders } from "node:http";

/** One request to AWS, as its signature and body name it. */
export type ApiCall = {
  /** Signing name, as in `ec2`, `dynamodb`, `states`. */
  service: string;
  region: string;
  operation: string;
  /** Of the query protocol (EC2, STS); empty for others. */
  params: URLSearchParams;
};

const credential = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/;

/** Reads whom a request is for: the Region is that of the Credential scope, as one endpoint stands for all of them. */
export const readCall = (method: string, path: string, headers: IncomingHttpHeaders, body: string): ApiCall => {
  const [, region = "", service = ""] = credential.exec(headers.authorization ?? "") ?? [];
  const isQuery = String(headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const params = new URLSearchParams(isQuery ? body : "");
  const target = String(headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1);
  const rest = `${method} ${path.split("?")[0]!.split("/").length > 2 ? "object" : "bucket"}`;
  return { service, region, operation: params.get("Action") ?? (target || rest), params };
};

/** `Filter.N.Name` and `Filter.N.Value.M` of a Describe call. */
export type Filters = { name: string; values: string[] }[];

export const filtersOf = (params: URLSearchParams): Filters => {
  const filters = new Map<string, { name: string; values: string[] }>();
  for (const [key, value] of params) {
    const [, number, part] = /^Filter\.(\d+)\.(Name|Value)/.exec(key) ?? [];
    if (!number) continue;
    const filter = filters.get(number) ?? { name: "", values: [] };
    filters.set(number, filter);
    if (part === "Name") filter.name = value;
    else filter.values.push(value);
  }
  return [...filters.values()];
};

/** The same parameters with these filters, and without paging. */
export const withFilters = (params: URLSearchParams, filters: Filters): URLSearchParams => {
  const kept = [...params].filter(([key]) => !/^(Filter\.|MaxResults$|NextToken$)/.test(key));
  const written = filters.flatMap(({ name, values }, at) => [
    [`Filter.${at + 1}.Name`, name] as [string, string],
    ...values.map((value, number) => [`Filter.${at + 1}.Value.${number + 1}`, value] as [string, string]),
  ]);
  return new URLSearchParams([...kept, ...written]);
};
