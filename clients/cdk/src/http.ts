import { Aws, Duration } from "aws-cdk-lib";
import {
  AuthorizerPayloadVersion, HttpAuthorizer, HttpAuthorizerType,
  type HttpRouteAuthorizerBindOptions, type HttpRouteAuthorizerConfig, type IHttpApi, type IHttpRouteAuthorizer,
} from "aws-cdk-lib/aws-apigatewayv2";
import type { Construct } from "constructs";
import type { Cache } from "./cache";
import type { Latchkey } from "./latchkey";

export interface LatchkeyHttpAuthorizerProps {
  readonly latchkey: Latchkey;
  /** The name of the authorizer, one of a kind in its API. */
  readonly name?: string;
  /** Latchkey is deployed with `HttpApiResponse=simple`. */
  readonly simpleResponses?: boolean;
  /** Has API Gateway keep the answers. A revoked key then works for that long: read docs/authorizer.md#caching first. */
  readonly cache?: Cache;
}

/**
 * Guards one `HttpApi`: give it to `defaultAuthorizer`, and each route that does not say otherwise is closed.
 *
 * CDK's own `HttpLambdaAuthorizer` sends payload 1.0 unless responses are simple. Latchkey's answers to an HTTP API are for 2.0.
 */
export class LatchkeyHttpAuthorizer implements IHttpRouteAuthorizer {
  readonly authorizationType = "CUSTOM";
  private bound?: { authorizer: HttpAuthorizer; apiId: string };

  constructor(private readonly props: LatchkeyHttpAuthorizerProps) {
    if (props.cache && props.simpleResponses) {
      throw new Error("A simple answer that is kept lets a caller into every route: use cache without simpleResponses");
    }
    if (props.cache?.identitySources.length === 0) {
      throw new Error("A cache needs identity sources");
    }
  }

  bind({ route, scope }: HttpRouteAuthorizerBindOptions): HttpRouteAuthorizerConfig {
    const { httpApi } = route;
    this.bound ??= { authorizer: this.make(scope, httpApi), apiId: httpApi.apiId };
    if (this.bound.apiId !== httpApi.apiId) {
      throw new Error("An authorizer is of one API: make another LatchkeyHttpAuthorizer");
    }
    return { authorizerId: this.bound.authorizer.authorizerId, authorizationType: this.authorizationType };
  }

  private make(scope: Construct, httpApi: IHttpApi): HttpAuthorizer {
    const { latchkey, name = "Latchkey", simpleResponses = false, cache } = this.props;
    return new HttpAuthorizer(scope, name, {
      httpApi,
      authorizerName: name,
      type: HttpAuthorizerType.LAMBDA,
      authorizerUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${latchkey.authorizer.functionArn}/invocations`,
      payloadFormatVersion: AuthorizerPayloadVersion.VERSION_2_0,
      enableSimpleResponses: simpleResponses,
      identitySource: cache ? [...cache.identitySources] : [],
      resultsCacheTtl: cache?.lifetime ?? Duration.seconds(0),
    });
  }
}
