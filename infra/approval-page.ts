import { type Fragment, ref } from "./fragment.ts";

/** File of the function behind the page. */
export const approvalPageStep = "approval-page";
/** So many visitors at once, and no more: a public address must not take the account's Lambdas away from detect. */
export const pageConcurrency = 5;

/**
 * A public address for the approval page. Lambda lets everybody in: the function itself refuses whoever does not bring
 * the nonce of the open question and the typed name. Since October 2025 an address needs both permissions.
 * [Lambda:urls-auth]
 */
export const approvalPage = (): Fragment => ({
  Resources: {
    ApprovalPageUrl: {
      Type: "AWS::Lambda::Url",
      Properties: { TargetFunctionArn: ref(functionId), AuthType: "NONE", InvokeMode: "BUFFERED" },
    },
    ApprovalPageUrlPermission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: ref(functionId),
        Action: "lambda:InvokeFunctionUrl",
        Principal: "*",
        FunctionUrlAuthType: "NONE",
      },
    },
    ApprovalPagePermission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: ref(functionId),
        Action: "lambda:InvokeFunction",
        Principal: "*",
        InvokedViaFunctionUrl: true,
      },
    },
  },
  Outputs: { ApprovalPage: { Value: { "Fn::GetAtt": ["ApprovalPageUrl", "FunctionUrl"] } } },
});
const functionId = "ApprovalPageLambdaFunction";
