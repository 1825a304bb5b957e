/** The answer to whoever is not let in: application/problem+json (RFC 9457). */
export interface Refusal {
  body: { status: number; error_code: string; request_id: string; [member: string]: unknown };
  headers: Record<string, string>;
}

const FIELDS = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };

export const allHeaders = (refusal: Refusal): Record<string, string> => ({ ...refusal.headers, ...FIELDS });

function refuse(status: number, title: string, error_code: string, detail?: string, headers: Record<string, string> = {}): Refusal {
  return { body: { type: "about:blank", title, status, ...(detail && { detail }), error_code, request_id: crypto.randomUUID() }, headers };
}

function unauthorized(code: string, detail: string, why?: string): Refusal {
  const error = why ? `, error="invalid_token", error_description="${why}"` : "";
  return refuse(401, "Unauthorized", code, detail, { "WWW-Authenticate": `Bearer realm="latchkey"${error}` });
}

export const missingCredentials = () => unauthorized("MISSING_CREDENTIALS", "Send an API key");
export const invalidToken = (detail: string) => unauthorized("TOKEN_INVALID", detail, "The token is not valid");
export const invalidKey = () => unauthorized("API_KEY_INVALID", "API key is not valid", "The API key is not valid");
export const multipleCredentials = () =>
  refuse(400, "Bad Request", "MULTIPLE_CREDENTIALS", "The request carries more than one credential; send one");
export const forbidden = (detail: string) => refuse(403, "Forbidden", "FORBIDDEN", detail);
export const unavailable = (retryAfter: string) =>
  refuse(503, "Service Unavailable", "SERVICE_UNAVAILABLE", undefined, { "Retry-After": retryAfter });
