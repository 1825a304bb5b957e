import { dirname, resolve } from "node:path";
import { type CfnResource, Stack, type StackProps } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { CfnFunction } from "aws-cdk-lib/aws-sam";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { Construct } from "constructs";
import { acknowledge } from "./exceptions";
import { checked } from "./parameters";

export interface LatchkeyStackProps extends StackProps {
  /** The template that `sam build` wrote, `.aws-sam/build/template.yaml`, or one that `sam package` wrote. */
  readonly template: string;
  /** Parameters of the template. Those that are left out have their defaults. */
  readonly parameters?: Readonly<Record<string, string | number>>;
}

// It names roles that SAM makes. They are not in the template, and CDK would look for them there. So CDK does not read it, and
// leaves out its condition.
const NAMES_ROLES = "KmsKeyPolicy";
const ITS_CONDITION = "HasKmsKey";

/** Latchkey, as its template has it. A stack and not a construct: its exports and parameters have the stack's name. */
export class LatchkeyStack extends Stack {
  constructor(scope: Construct, id: string, { template, parameters = {}, ...props }: LatchkeyStackProps) {
    super(scope, id, { stackName: "latchkey", ...props });
    const source = { templateFile: template, dehydratedResources: [NAMES_ROLES] };
    const declared = new CfnInclude(new Stack(), "Declared", source);
    const values = Object.entries(parameters).map(([name, value]) => [name, checked(name, declared.getParameter(name), value)]);
    const included = new CfnInclude(this, "Template", { ...source, parameters: Object.fromEntries(values) });
    const policy = included.node.findChild(NAMES_ROLES) as CfnResource;
    policy.overrideLogicalId(NAMES_ROLES);
    policy.addOverride("Condition", ITS_CONDITION);
    acknowledge(this, included);
    for (const child of included.node.findAll()) {
      if (child instanceof CfnFunction) {
        this.upload(child, dirname(template));
      }
    }
  }

  /** Has CDK upload a function's code. What `sam package` uploaded is an address of S3 already. */
  private upload(fn: CfnFunction, folder: string): void {
    if (typeof fn.codeUri !== "string" || fn.codeUri.startsWith("s3://")) {
      return;
    }
    const code = new Asset(this, `${fn.node.id}Code`, { path: resolve(folder, fn.codeUri) });
    fn.codeUri = { bucket: code.s3BucketName, key: code.s3ObjectKey };
  }
}
