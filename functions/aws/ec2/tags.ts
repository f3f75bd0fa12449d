import type { ResourceType, Tag, TagSpecification } from "@aws-sdk/client-ec2";

export const tagsOf = (tags: Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));

/** Tags given in the call that creates: what is not tagged at once is lost when the caller dies (invariant 5). */
export const tagSpecification = (type: ResourceType, tags: Record<string, string>): TagSpecification => ({
  ResourceType: type,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});
