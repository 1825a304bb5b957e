import type { Duration } from "aws-cdk-lib";

/** How API Gateway keeps the authorizer's answers. */
export interface Cache {
  readonly lifetime: Duration;
  /** What a request must have, and what an answer is kept for: `IdentitySource.header("Authorization")`, `$request.header.Authorization`. */
  readonly identitySources: readonly string[];
}
