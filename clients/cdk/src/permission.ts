import { Aws } from "aws-cdk-lib";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Latchkey } from "./latchkey";

export interface AllowApisOfProps {
  readonly latchkey: Latchkey;
  /** The other account, of 12 digits. */
  readonly account: string;
}

/** Lets the API Gateways of another account ask the authorizer. It stands in a stack of Latchkey's account. */
export class AllowApisOf extends Construct {
  constructor(scope: Construct, id: string, { latchkey, account }: AllowApisOfProps) {
    super(scope, id);
    if (!/^\d{12}$/.test(account)) {
      throw new Error(`An account has 12 digits: ${account}`);
    }
    new CfnPermission(this, "Permission", {
      functionName: latchkey.authorizer.functionArn,
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${account}:*`,
    });
  }
}
