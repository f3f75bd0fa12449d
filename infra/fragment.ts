/** A part of a CloudFormation template: one concern, as plain JSON. */
export type Fragment = { Resources: Record<string, CloudFormationResource>; Outputs?: Record<string, unknown> };
export type CloudFormationResource = {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: "Retain";
  UpdateReplacePolicy?: "Retain";
};

export const merge = (...fragments: Fragment[]): Fragment => ({
  Resources: Object.assign({}, ...fragments.map(({ Resources }) => Resources)),
  Outputs: Object.assign({}, ...fragments.map(({ Outputs }) => Outputs)),
});

export const sub = (text: string) => ({ "Fn::Sub": text });
export const ref = (id: string) => ({ Ref: id });
export const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });

/** A resource that outlives its stack: losing it would lose the authority, the evidence or the traffic. */
export const kept = (Type: string, Properties: Record<string, unknown>): CloudFormationResource => ({
  Type,
  DeletionPolicy: "Retain",
  UpdateReplacePolicy: "Retain",
  Properties,
});

/** The account that the stack is in: rules take events of no other one. */
export const accountId = ref("AWS::AccountId");
