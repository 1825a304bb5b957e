import { type Stack, Validations } from "aws-cdk-lib";
import type { CfnInclude } from "aws-cdk-lib/cloudformation-include";

/** What cdk-nag and CDK's own check of templates find in Latchkey's, and why it stays. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PublicKeysSecret: { "AwsSolutions-SMG4": "The rotation of PrivateKeysSecret writes it: it has the public halves" },
  FactorSecret: { "AwsSolutions-SMG4": "It encrypts the secrets of authenticator apps, which would all end with it" },
};
const EVERYWHERE: Readonly<Record<string, string>> = {
  "CloudFormation-Validate::W2509": "PasswordConcurrency is a number of instances, no password",
  "CloudFormation-Validate::W1030": "A parameter that is empty by default is used only where a condition says that it is not",
};

export function acknowledge(stack: Stack, template: CfnInclude): void {
  for (const [resource, rules] of Object.entries(EXCEPTIONS)) {
    Validations.of(template.getResource(resource)).acknowledge(...rulesOf(rules));
  }
  Validations.of(stack).acknowledge(...rulesOf(EVERYWHERE));
}

function rulesOf(rules: Readonly<Record<string, string>>): { id: string; reason: string }[] {
  return Object.entries(rules).map(([id, reason]) => ({ id, reason }));
}
