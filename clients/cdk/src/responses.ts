import { ResponseType, type RestApi } from "aws-cdk-lib/aws-apigateway";
import wordings from "./responses.json";

const responses: readonly { type: string; statusCode: string; headers: object; body: string }[] = wordings;

export interface GatewayResponsesProps {
  /** The origin whose pages may read these answers. */
  readonly allowedOrigin?: string;
}

/** Words what API Gateway answers itself as Latchkey does: 401, 403 and 503 are problem documents with an `error_code`. */
export function addGatewayResponses(api: RestApi, { allowedOrigin }: GatewayResponsesProps = {}): void {
  const cors: Record<string, string> = allowedOrigin ? { "Access-Control-Allow-Origin": `'${allowedOrigin}'` } : {};
  for (const { type, statusCode, headers, body } of responses) {
    api.addGatewayResponse(`Latchkey${type}`, {
      type: ResponseType.of(type),
      statusCode,
      responseHeaders: { ...headers, ...cors },
      templates: { "application/json": body },
    });
  }
}
