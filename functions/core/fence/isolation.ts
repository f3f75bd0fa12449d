/** A network interface and the server that it is attached to. */
export type SubnetInterface = { id: string; subnet: string; server: string | null };
/** The ACL of a subnet. `isOurs`: it carries our tag for the application. */
export type SubnetAcl = {
  subnet: string;
  vpc: string;
  acl: string;
  association: string;
  isOurs: boolean;
  deniesAll: boolean;
};

/**
 * A server that is not stopped; `why`, as the rest of a sentence about it; `subnets`: of all its network interfaces.
 */
export type KeptServer = { server: string; why: string; subnets: string[] };

/** Why servers with instance-store volumes are not stopped. */
export const losesStore = "would lose its instance-store data when stopped";

/** The fields of an ACL that show whether its subnet is isolated. */
type Closure = Pick<SubnetAcl, "subnet" | "isOurs" | "deniesAll">;

export type IsolationPlan<Acl extends Closure = SubnetAcl> = {
  /** Subnets to be given the deny-all ACL. */
  subnets: Acl[];
  /** Why a server cannot be isolated, a sentence each. */
  problems: string[];
};

const isClosed = ({ isOurs, deniesAll }: Closure) => isOurs && deniesAll;

/** Whether nothing gets in or out of any subnet of a server; traffic inside a subnet passes no ACL. [VPC: vpc-network-acls] */
export const isIsolated = ({ subnets }: Pick<KeptServer, "subnets">, acls: Closure[]): boolean =>
  subnets.length > 0 && subnets.every((subnet) => acls.some((acl) => acl.subnet === subnet && isClosed(acl)));

/**
 * Which subnets are isolated for these servers. An ACL isolates a whole subnet, so each network interface in it must
 * belong to a server of the plan: `ours`. A subnet that is isolated already needs nothing.
 */
export const planIsolation = <Acl extends Closure>(
  servers: KeptServer[],
  { interfaces, acls, ours }: { interfaces: SubnetInterface[]; acls: Acl[]; ours: Set<string> },
): IsolationPlan<Acl> => {
  const open = servers.filter((server) => !isIsolated(server, acls));
  const shut = new Set(acls.filter(isClosed).map(({ subnet }) => subnet));
  const foreign = interfaces.filter((one) => !shut.has(one.subnet) && !(one.server && ours.has(one.server)));
  const foreignIn = (subnet: string) => foreign.filter((one) => one.subnet === subnet);
  const judged = open.map((server) => ({ ...server, problem: problemOf(server, acls, foreignIn) }));
  const isolable = new Set(judged.flatMap(({ subnets, problem }) => (problem ? [] : subnets)));
  return {
    subnets: acls.filter((acl) => isolable.has(acl.subnet) && !isClosed(acl)),
    problems: judged.flatMap(({ problem }) => problem ?? []),
  };
};

const problemOf = (
  { server, why, subnets }: KeptServer,
  acls: Closure[],
  foreignIn: (subnet: string) => SubnetInterface[],
): string | null => {
  const reason = `${server} ${why}`;
  if (subnets.length === 0) return `${reason}, and has no subnet that could be isolated`;
  const unread = subnets.find((subnet) => !acls.some((acl) => acl.subnet === subnet));
  if (unread) return `${reason}, and the network ACL of its subnet ${unread} is not known`;
  const [foreign] = subnets.flatMap(foreignIn);
  if (!foreign) return null;
  const owner = foreign.server ? `${foreign.id} of ${foreign.server}` : foreign.id;
  return `${reason}, and its subnet ${foreign.subnet} cannot be isolated: ${owner} also uses it`;
};
