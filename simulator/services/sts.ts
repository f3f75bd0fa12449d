/** STS: the account of the caller. */

import { account, type Services } from "../kernel.ts";

export const sts: Services["STS"] & object = {
  GetCallerIdentity: () => ({
    Account: account,
    Arn: `arn:aws:sts::${account}:assumed-role/lifeboat/rehearsal`,
    UserId: "AROAREHEARSAL",
  }),
};
