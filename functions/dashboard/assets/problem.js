// The errors of a call.

// The service answered, and refused.
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || `The service answered ${status}`);
    this.status = status;
    this.code = problem.error_code ?? "";
    this.fields = problem.fields ?? [];
    this.progress = problem.progress; // of a request that is to be repeated
    this.requestID = problem.request_id ?? "";
    this.retryAfter = retryAfter; // seconds, or 0
  }
}

// No answer came. The request may have been done or not.
export class Offline extends Error {
  constructor(changing) {
    super(changing
      ? "The connection dropped before an answer came. The change may have been made, or not: look before you try again."
      : "There is no connection to the service. Nothing was lost; try again when you are online.");
  }
}

// The user closed the dialog that asked them to sign in again.
export class SignedOut extends Error {
  constructor() { super("You are signed out. Nothing was changed; sign in to go on."); }
}

export async function refusalOf(response) {
  const problem = await response.json().catch(() => ({}));
  return new Refusal(response.status, problem, Number(response.headers.get("Retry-After")) || 0);
}

// A title, and a sentence, for a person.
export function explain(error) {
  if (error instanceof Offline) return ["No connection", error.message];
  if (error instanceof SignedOut) return ["Signed out", error.message];
  if (!(error instanceof Refusal)) return ["Something went wrong on this page", "Reload it. If that does not help, tell your administrator."];
  if (error.status === 429) return ["Too many requests", "The service asks you to wait a moment."];
  if (error.status === 403) return ["Not allowed", error.message];
  if (error.status === 404) return ["Not there any more", "Somebody deleted it, or it was never yours."];
  if (error.status >= 500) return ["The service has a problem", `It is not your doing. Try again in a moment${error.requestID ? `; if it stays, report request ${error.requestID}` : ""}.`];
  return ["That did not work", error.fields.map(({ message }) => message[0].toUpperCase() + message.slice(1)).join("; ") || error.message];
}
