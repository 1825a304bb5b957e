export { Caller, caller } from "./caller.js";
export { Keys } from "./keys.js";
export type { KeysOptions } from "./options.js";
export type { AddressOption } from "./keys.js";
export type { Need } from "./question.js";
