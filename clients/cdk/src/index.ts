export type { Cache } from "./cache";
export { LatchkeyHttpAuthorizer, type LatchkeyHttpAuthorizerProps } from "./http";
export { Latchkey, type Mode } from "./latchkey";
export { AllowApisOf, type AllowApisOfProps } from "./permission";
export { addGatewayResponses, type GatewayResponsesProps } from "./responses";
export { LatchkeyRestAuthorizer, type LatchkeyRestAuthorizerProps } from "./rest";
export { LatchkeyStack, type LatchkeyStackProps } from "./stack";
