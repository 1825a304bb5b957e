import type { components } from "./openapi.js";

/** The service's names for errors (`error_code`). */
export type ErrorCode = components["schemas"]["Problem"]["error_code"];

type Problem = components["schemas"]["Problem"];
type OAuthError = components["schemas"]["OAuthError"];

/**
 * A refusal of the service. Its subclasses group the codes by what a caller can do about them; `code` is the
 * exact one. No part of it contains a credential.
 */
export class LatchkeyError extends Error {
  constructor(
    readonly status: number,
    /** The `error_code`, or the `error` of RFC 6749 from `/oauth/*`. */
    readonly code: ErrorCode | (string & {}),
    detail: string | undefined,
    /** Quote it when you report a fault. */
    readonly requestId: string | undefined,
    /** The wrong fields, each with its fault, if the code is VALIDATION_ERROR. */
    readonly fields: NonNullable<Problem["fields"]> = [],
    /** Seconds to wait before the next attempt, if the answer has them. */
    readonly retryAfter?: number,
    /** The challenge of a 401 or 403 (RFC 6750), under either of its two names. */
    readonly challenge?: string,
  ) {
    const named = fields.map(({ field, message }) => `${field || "body"} ${message}`).join("; ");
    super([`${code} (${status})`, detail, named].filter(Boolean).join(": "));
    this.name = new.target.name;
  }
}

/** The credential is missing, wrong, expired or revoked: 401. */
export class AuthenticationError extends LatchkeyError {}
/** The credential is good, but not for this: 403. */
export class PermissionError extends LatchkeyError {}
/** The resource does not exist, or belongs to somebody else: 404. */
export class NotFoundError extends LatchkeyError {}
/** The resource already exists, or its state forbids this: 409. */
export class ConflictError extends LatchkeyError {}
/** The request is wrong, and would be wrong again: 400, 413, 415, 422. */
export class InvalidRequestError extends LatchkeyError {}
/** Too many requests, even after the waits, or a quota that is used up (code `QUOTA_EXCEEDED`): 429. */
export class RateLimitError extends LatchkeyError {}
/** A fault of the service: 5xx. */
export class ServerError extends LatchkeyError {}

/** There was no answer. The service may have carried out the request or not. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
}

/** Its type makes it complete: it does not compile while a code of the OpenAPI document is missing here. */
const classes: Record<ErrorCode, typeof LatchkeyError> = {
  INVALID_JSON: InvalidRequestError,
  INVALID_PARAMETER: InvalidRequestError,
  MULTIPLE_CREDENTIALS: InvalidRequestError,
  MISSING_CREDENTIALS: AuthenticationError,
  INVALID_CREDENTIALS: AuthenticationError,
  TOKEN_EXPIRED: AuthenticationError,
  TOKEN_INVALID: AuthenticationError,
  API_KEY_INVALID: AuthenticationError,
  API_KEY_EXPIRED: AuthenticationError,
  API_KEY_REVOKED: AuthenticationError,
  API_KEY_DISABLED: AuthenticationError,
  INSUFFICIENT_SCOPE: PermissionError,
  FORBIDDEN: PermissionError,
  ACCOUNT_DISABLED: PermissionError,
  PROOF_REQUIRED: PermissionError,
  RESOURCE_NOT_FOUND: NotFoundError,
  DUPLICATE_RESOURCE: ConflictError,
  FACTOR_REQUIRED: ConflictError,
  KEY_REVOKED: ConflictError,
  BODY_TOO_LARGE: InvalidRequestError,
  UNSUPPORTED_MEDIA_TYPE: InvalidRequestError,
  VALIDATION_ERROR: InvalidRequestError,
  RATE_LIMIT_EXCEEDED: RateLimitError,
  QUOTA_EXCEEDED: RateLimitError,
  SERVICE_UNAVAILABLE: ServerError,
};

/** The error for an answer that is not a success. Its body may be anything, because a proxy may have written it. */
export async function errorOf(answer: Response): Promise<LatchkeyError> {
  const body = await answer.json().catch(() => undefined) as Partial<Problem & OAuthError> | null | undefined;
  const code = body?.error_code ?? body?.error ?? "UNKNOWN";
  const kind = Object.hasOwn(classes, code) ? classes[code as ErrorCode] : byStatus(answer.status);
  return new kind(
    answer.status, code, body?.detail ?? body?.error_description, body?.request_id, body?.fields, retryAfter(answer), challenge(answer));
}

/** On AWS API Gateway renames the header where a function has set it. */
function challenge(answer: Response): string | undefined {
  return answer.headers.get("WWW-Authenticate") ?? answer.headers.get("x-amzn-Remapped-WWW-Authenticate") ?? undefined;
}

/** For the codes of RFC 6749, and for codes that are newer than this client. */
function byStatus(status: number): typeof LatchkeyError {
  if (status >= 500) return ServerError;
  const known: Record<number, typeof LatchkeyError> = {
    401: AuthenticationError, 403: PermissionError, 404: NotFoundError, 409: ConflictError, 429: RateLimitError };
  return known[status] ?? InvalidRequestError;
}

/** Seconds; the service never sends the other form, a date. */
function retryAfter(answer: Response): number | undefined {
  const text = answer.headers.get("Retry-After");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
