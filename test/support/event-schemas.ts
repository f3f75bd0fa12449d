import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { EventTypeDefinition, GenericPropertyType } from "@aws-cdk/service-spec-types";
import type { BusEvent } from "../../simulator/kernel.ts";

const database = loadAwsServiceSpecSync();
type Type = GenericPropertyType<EventTypeDefinition>;
const schemas = new Map(database.all("event").map((schema) => [`${schema.source} ${schema.detailType}`, schema]));

/** Every difference between an event's detail and its schema in AWS's own registry, as sentences without values. */
export const schemaProblems = ({ source, "detail-type": kind, detail }: BusEvent): string[] => {
  const schema = schemas.get(`${source} ${kind}`);
  if (!schema) return [`${kind}: not in the registry`];
  return objectProblems(kind, detail, database.get("eventTypeDefinition", schema.rootProperty.$ref).properties);
};

const objectProblems = (path: string, value: object, properties: EventTypeDefinition["properties"]): string[] => [
  ...Object.keys(value).flatMap((name) => (properties[name] ? [] : [`${path}.${name}: unknown`])),
  ...Object.entries(properties).flatMap(([name, { type, required }]) => {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) return required ? [`${path}.${name}: missing`] : [];
    return typeProblems(`${path}.${name}`, member, type);
  }),
];

const typeProblems = (path: string, value: unknown, type: Type): string[] => {
  if (type.type === "json") return [];
  if (type.type === "array" && Array.isArray(value))
    return value.flatMap((one) => typeProblems(`${path}[]`, one, type.element));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (type.type === "ref" && isObject)
    return objectProblems(path, value, database.get("eventTypeDefinition", type.reference.$ref).properties);
  if (type.type === "map" && isObject)
    return Object.values(value).flatMap((one) => typeProblems(`${path}{}`, one, type.element));
  const isRight = type.type === "integer" ? Number.isInteger(value) : typeof value === type.type;
  return isRight ? [] : [`${path}: ${value === null ? "null" : typeof value}, expected ${type.type}`];
};
