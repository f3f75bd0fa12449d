import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageFolder, projectRoot } from "./osls.ts";
import type { Stack } from "./stacks.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
type Template = Record<string, any>;

/** Parameters of a stack with functions: where the zips of `dist` were put. */
const parameters = {
  CodeBucket: { Type: "String", Description: "Bucket of this Region that holds the zips of the functions" },
  CodePrefix: { Type: "String", Description: "Their folder in that bucket, without a slash at its end", MinLength: 1 },
};

/** A template that any deployer takes: without the bucket that osls makes for itself, its code where two parameters say. */
export const portable = ({ Resources, Outputs = {}, ...template }: Template, stackName: string): Template => {
  const own = Object.entries<Template>(Resources).filter(([id]) => !id.startsWith("ServerlessDeploymentBucket"));
  const resources = own.map(([id, resource]) => [id, codeFrom(resource)]);
  const hasCode = own.some(([, { Properties }]) => Properties?.Code?.S3Key);
  const outputs = Object.entries(Outputs).filter(([id]) => id !== "ServerlessDeploymentBucketName");
  return {
    ...template,
    Description: `Lifeboat: ${stackName}`,
    ...(hasCode && { Parameters: parameters }),
    Resources: Object.fromEntries(resources),
    ...(outputs.length > 0 && { Outputs: Object.fromEntries(outputs) }),
  };
};

const codeFrom = (resource: Template): Template => {
  const zip = resource.Properties?.Code?.S3Key?.split("/").at(-1);
  if (!zip) return resource;
  const Code = { S3Bucket: { Ref: "CodeBucket" }, S3Key: { "Fn::Sub": `\${CodePrefix}/${zip}` } };
  return { ...resource, Properties: { ...resource.Properties, Code } };
};

/** Writes it into the folder of the stack, as `template.json`. */
export const writePortable = async (stack: Stack, root = projectRoot) => {
  const folder = join(root, packageFolder(stack));
  const compiled = await readFile(join(folder, "cloudformation-template-update-stack.json"), "utf8");
  const template = portable(JSON.parse(compiled), stack.stackName);
  await writeFile(join(folder, "template.json"), `${JSON.stringify(template, null, 2)}\n`);
};
