import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import type { Clients } from "../../functions/aws/calls/clients.ts";
import { codeOf } from "../../functions/aws/calls/errors.ts";
import { describeSelected } from "../../functions/aws/ec2/instances.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";

/** Roles that servers may get, as ARNs end: name, with its path; and what could not be found out, a line each. */
export type InstanceRoles = { roles: string[]; notices: string[] };

/** Roles of the profiles that a plan names itself, each taken for that of its own name, as the console makes them. */
export const namedRoles = ({ protect }: Plan): string[] =>
  protect.flatMap(({ launch: { instanceProfile } }) =>
    instanceProfile && instanceProfile !== "same" ? [instanceProfile.split("/").at(-1)!] : [],
  );

/** Whether servers of the plan get the profile of their source, which no plan names. */
export const inheritsProfiles = ({ protect }: Plan) => protect.some(({ launch }) => launch.instanceProfile === "same");

/**
 * The roles in the instance profiles of a plan: of those that it names, and where it says `same` of those that its servers
 * have now. Reads only, and never fails: a profile that cannot be read is taken to have a role of its own name.
 */
export const instanceRolesOf = async (clients: Clients, plan: Plan): Promise<InstanceRoles> => {
  const notices: string[] = [];
  const unread = (what: string, error: unknown) =>
    void notices.push(`${what} could not be read (${codeOf(error) || "no answer"})`);
  const worn = async () => {
    try {
      const some = await Promise.all(
        plan.protect
          .filter(({ launch }) => launch.instanceProfile === "same")
          .map(({ select }) => describeSelected(clients, protectedOf(plan), select.tags, "optional")),
      );
      return some.flat().flatMap(({ IamInstanceProfile }) => IamInstanceProfile?.Arn?.split("/").at(-1) ?? []);
    } catch (error) {
      unread(`the instance profiles of the servers in ${protectedOf(plan)}`, error);
      return [];
    }
  };
  const roleOf = async (profile: string) => {
    try {
      const iam = clients(IAMClient, homeOf(plan), "optional");
      const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }));
      return (InstanceProfile?.Roles ?? []).flatMap(({ Arn }) => Arn?.split(":role/")[1] ?? []);
    } catch (error) {
      unread(`the instance profile ${profile}`, error);
      return [profile];
    }
  };
  const profiles = new Set([...namedRoles(plan), ...(await worn())]);
  return { roles: [...new Set((await Promise.all([...profiles].map(roleOf))).flat())].sort(), notices };
};
