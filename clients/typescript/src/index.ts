export { GhostlyClient } from "./client.js";
export type {
  AuditEntry, ClientOptions, ClientSettings, Introspection, Key, Me, NewEvents, NewKey, NewProject, PageOptions, Project, RequestOptions, Run, Session, Ticket,
  WaitOptions,
} from "./client.js";
export type { Login, Refresh, TokenPair, UnfinishedLogin } from "./credential.js";
export {
  AuthenticationError, ConflictError, ConnectionError, InvalidRequestError, LatchkeyError, NotFoundError, PermissionError, RateLimitError, ServerError,
} from "./errors.js";
export type { ErrorCode } from "./errors.js";
export { RunEvents } from "./events.js";
export type { EventPage, PollOptions, RunEvent, RunStatus } from "./events.js";
export type { List } from "./list.js";
export type { TransportOptions } from "./transport.js";
