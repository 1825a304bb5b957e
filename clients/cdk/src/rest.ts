import { Duration } from "aws-cdk-lib";
import { type CfnAuthorizer, RequestAuthorizer } from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import type { Cache } from "./cache";
import type { Latchkey } from "./latchkey";

export interface LatchkeyRestAuthorizerProps {
  readonly latchkey: Latchkey;
  /** Has API Gateway keep the answers. A revoked key then works for that long: read docs/authorizer.md#caching first. */
  readonly cache?: Cache;
}

/** Guards one `RestApi`: give it to `defaultMethodOptions`, and each method that does not say otherwise is closed. */
export class LatchkeyRestAuthorizer extends RequestAuthorizer {
  constructor(scope: Construct, id: string, { latchkey, cache }: LatchkeyRestAuthorizerProps) {
    // No identity source, because API Gateway wants all of them at once, and a key comes in one of two headers. That needs a
    // lifetime of zero.
    super(scope, id, {
      handler: latchkey.authorizer,
      identitySources: cache ? [...cache.identitySources] : [],
      resultsCacheTtl: cache?.lifetime ?? Duration.seconds(0),
    });
    if (!cache) {
      (this.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride("IdentitySource"); // an empty text otherwise
    }
  }
}
