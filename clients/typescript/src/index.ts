export { GhostlyClient } from "./client.js";
export type { AccountEntry } from "./account.js";
export type { PageOptions, RequestOptions } from "./api.js";
export type {
  AuditEntry, ClientOptions, ClientSettings, Introspection, Key, Me, NewEvents, NewKey, NewProject, Project, Run, Ticket, Usage, UsageQuery, UsageRow, WaitOptions,
} from "./client.js";
export type { Customer, CustomerChange, CustomerEntry, NewCustomer } from "./customers.js";
export type { FactorSetup, Login, Refresh, TokenPair, UnfinishedLogin } from "./credential.js";
export {
  AuthenticationError, ConflictError, ConnectionError, InvalidRequestError, LatchkeyError, NotFoundError, PermissionError, RateLimitError, ServerError,
} from "./errors.js";
export type { ErrorCode } from "./errors.js";
export { RunEvents } from "./events.js";
export type { EventPage, PollOptions, RunEvent, RunStatus } from "./events.js";
export type { BegunApp, BegunPasskey, ConfirmedFactor, Factor, FactorList } from "./factors.js";
export type { List } from "./list.js";
export type { Session } from "./sessions.js";
export type { TransportOptions } from "./transport.js";
export type { Account, AccountDetails, Delivery, NewUser, RegisteredUser } from "./users.js";
