import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Property, PropertyType } from "@aws-cdk/service-spec-types";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
type Json = any;
export type Template = { Resources: Record<string, Json>; Outputs?: Record<string, Json> };

const database = loadAwsServiceSpecSync();
const definitionOf = (type: string) => database.lookup("resource", "cloudFormationType", "equals", type)[0];
const pseudo = /^AWS::(AccountId|NoValue|Partition|Region|StackId|StackName|URLSuffix)$/;

/** Every problem of a template that CloudFormation's resource schema shows, as sentences. */
export const problemsOf = ({ Resources, Outputs = {} }: Template): string[] => [
  ...Object.entries(Resources).flatMap(([id, resource]) => {
    const definition = definitionOf(resource.Type);
    if (!definition) return [`${id}: unknown type ${resource.Type}`];
    const depends = [resource.DependsOn ?? []].flat().filter((other: string) => !Resources[other]);
    return [
      ...depends.map((other: string) => `${id}: depends on ${other}, which does not exist`),
      ...shapeProblems(id, resource.Properties ?? {}, definition.properties),
      ...referenceProblems(id, resource.Properties, Resources),
    ];
  }),
  ...referenceProblems("Outputs", Outputs, Resources),
  ...circles(Resources),
];

/** Resources that need themselves, over whatever others: CloudFormation refuses them only when it is asked to deploy. */
const circles = (resources: Template["Resources"]): string[] => {
  const needs = new Map(Object.entries(resources).map(([id, resource]) => [id, neededBy(resource, resources)]));
  const done = new Set<string>();
  const walk = (id: string, path: string[]): string[] => {
    if (path.includes(id)) return [`${[...path.slice(path.indexOf(id)), id].join(" -> ")}: a circle`];
    if (done.has(id)) return [];
    const found = [...needs.get(id)!].flatMap((other) => walk(other, [...path, id]));
    done.add(id);
    return found;
  };
  return [...needs.keys()].flatMap((id) => walk(id, []));
};

const neededBy = ({ DependsOn = [], Properties }: Json, resources: Template["Resources"]): Set<string> => {
  const named = [...JSON.stringify(Properties ?? {}).matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+)[.}]/g)];
  const ids = [DependsOn, ...named.flatMap((match) => match.slice(1))].flat();
  return new Set(ids.filter((id) => id !== undefined && resources[id]));
};

const shapeProblems = (path: string, value: Json, properties: Record<string, Property>): string[] => [
  ...Object.keys(value)
    .filter((name) => !properties[name])
    .map((name) => `${path}.${name}: unknown property`),
  ...Object.entries(properties).flatMap(([name, { required, type, previousTypes = [] }]) => {
    if (value[name] === undefined) return required ? [`${path}.${name}: missing`] : [];
    return fewest([type, ...previousTypes].map((one) => typeProblems(`${path}.${name}`, value[name], one)));
  }),
];

const fewest = (attempts: string[][]) => attempts.toSorted((one, other) => one.length - other.length)[0] ?? [];

const isIntrinsic = (value: Json) =>
  typeof value === "object" && value !== null && Object.keys(value).every((key) => /^(Ref$|Fn::|Condition$)/.test(key));

const typeProblems = (path: string, value: Json, type: PropertyType): string[] => {
  const is = (right: boolean, expected: string) => (right ? [] : [`${path}: expected ${expected}`]);
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isMap && Object.keys(value).length > 0 && isIntrinsic(value)) return [];
  switch (type.type) {
    case "string":
      if (typeof value !== "string") return is(false, "a string");
      return is(!type.allowedValues || type.allowedValues.includes(value), `one of ${type.allowedValues}`);
    case "date-time":
      return is(typeof value === "string", "a date");
    case "integer":
      return is(Number.isInteger(value), "an integer");
    case "number":
      return is(typeof value === "number", "a number");
    case "boolean":
      return is(typeof value === "boolean", "true or false");
    case "array":
      if (!Array.isArray(value)) return is(false, "a list");
      return value.flatMap((item, index) => typeProblems(`${path}[${index}]`, item, type.element));
    case "map":
      if (!isMap) return is(false, "a map");
      return Object.entries(value).flatMap(([key, item]) => typeProblems(`${path}.${key}`, item, type.element));
    case "ref":
      if (!isMap) return is(false, "a map");
      return shapeProblems(path, value, database.get("typeDefinition", type.reference.$ref).properties);
    case "union":
      return fewest(type.types.map((one) => typeProblems(path, value, one)));
    case "tag":
      return is(isMap && typeof value.Key === "string", "a tag");
    default:
      return [];
  }
};

const referenceProblems = (path: string, value: Json, resources: Template["Resources"]): string[] => {
  if (typeof value !== "object" || value === null) return [];
  const target = (id: string) => (resources[id] || pseudo.test(id) ? [] : [`${path}: ${id} does not exist`]);
  const attribute = (id: string, name: string) => {
    const known = resources[id] && definitionOf(resources[id].Type)?.attributes;
    return known && !known[name] ? [`${path}: ${id} has no attribute ${name}`] : target(id);
  };
  if (typeof value.Ref === "string") return target(value.Ref);
  if (value["Fn::GetAtt"]) {
    const [id, name] = [value["Fn::GetAtt"]].flat().join(".").split(".");
    return attribute(id!, name!);
  }
  if (typeof value["Fn::Sub"] === "string")
    return [...value["Fn::Sub"].matchAll(/\$\{([^!}]+)\}/g)].flatMap(([, name]) => {
      const [id, rest] = name!.split(".");
      return rest ? attribute(id!, rest) : target(id!);
    });
  return Object.entries(value).flatMap(([key, inner]) => referenceProblems(`${path}.${key}`, inner, resources));
};

export const resourcesOf = ({ Resources }: Template, type: string): [string, Json][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

/** Statements of every policy of the template: of roles, queues and buckets. */
export const statementsOf = (template: Template): { where: string; statement: Json }[] =>
  Object.entries(template.Resources).flatMap(([where, { Properties = {} }]) =>
    [Properties.PolicyDocument, ...(Properties.Policies ?? []).map((policy: Json) => policy.PolicyDocument)]
      .filter(Boolean)
      .flatMap((document: Json) => document.Statement.map((statement: Json) => ({ where, statement }))),
  );
