import { Fn } from "aws-cdk-lib";
import { Function, type IFunction } from "aws-cdk-lib/aws-lambda";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

/** Who words the refusals: API Gateway (`edge`), or your functions, all wrapped in `Protected` of shared/gateway (`function`). */
export type Mode = "edge" | "function";

const OUTPUTS = { edge: "AuthorizerArn", function: "AuthorizerFunctionModeArn" } as const;

/** A deployment of Latchkey, which has the function that checks credentials. It is in the account and region of the API. */
export class Latchkey {
  private constructor(readonly authorizer: IFunction) {}

  /** Looks the authorizer up in Parameter Store each time that your stack is deployed. `stackName` is that of Latchkey's stack. */
  static fromStackName(scope: Construct, id: string, stackName = "latchkey", mode: Mode = "edge"): Latchkey {
    // A parameter of the template, not {{resolve:ssm:…}}: CloudFormation splits an ARN before it resolves that.
    return Latchkey.fromAuthorizerArn(scope, id, StringParameter.valueForStringParameter(scope, `/latchkey/${stackName}/${OUTPUTS[mode]}`));
  }

  /** Imports what Latchkey's stack exports. Latchkey's stack then keeps the export while yours is there. */
  static fromExport(scope: Construct, id: string, stackName = "latchkey", mode: Mode = "edge"): Latchkey {
    return Latchkey.fromAuthorizerArn(scope, id, Fn.importValue(`${stackName}-${OUTPUTS[mode]}`));
  }

  /** Takes the ARN of the authorizer, for example from another account's deployment (see `AllowApisOf`). */
  static fromAuthorizerArn(scope: Construct, id: string, functionArn: string): Latchkey {
    // Latchkey's stack permits every API of its account and region already. A permission for each API would fill the
    // function's policy, which has room for 20 KB.
    return new Latchkey(Function.fromFunctionAttributes(scope, id, { functionArn, sameEnvironment: false, skipPermissions: true }));
  }
}
