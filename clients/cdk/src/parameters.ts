import type { CfnParameter } from "aws-cdk-lib";

/**
 * The value in the form that takes the place of `Ref`. It stands in the template itself: `cdk deploy` keeps the value before of a
 * parameter, so one that is changed in code would stay as it was. So what CloudFormation would check is checked here.
 */
export function checked(name: string, declared: CfnParameter, given: string | number): string | string[] {
  const value = String(given);
  const { allowedPattern, allowedValues, minLength = 0, minValue = -Infinity, maxValue = Infinity } = declared;
  if (allowedPattern !== undefined && !new RegExp(`^(?:${allowedPattern})$`).test(value)) {
    throw new Error(`${name}: ${JSON.stringify(value)} does not match ${allowedPattern}`);
  }
  if (allowedValues && !allowedValues.map(String).includes(value)) {
    throw new Error(`${name}: ${JSON.stringify(value)} is none of ${allowedValues.join(", ")}`);
  }
  if (value.length < minLength) {
    throw new Error(`${name} is empty`);
  }
  if (declared.type === "Number" && !(value.trim() !== "" && Number(value) >= minValue && Number(value) <= maxValue)) {
    throw new Error(`${name}: ${JSON.stringify(value)} is not a number from ${minValue} to ${maxValue}`);
  }
  return declared.type === "CommaDelimitedList" ? value.split(",") : value;
}
