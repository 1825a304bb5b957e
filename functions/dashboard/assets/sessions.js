// Sessions: where the user is signed in, and a button to end each session.

import { call, each, signOut } from "./api.js";
import { confirmDialog } from "./dialog.js";
import { button, h, toast } from "./dom.js";
import { deviceOf, moment, plural } from "./format.js";
import { listing } from "./listing.js";
import { section } from "./status.js";

// Returns what lists them in a place, with a button in the place others that ends the others; changed is
// called after it did.
export function sessions(list, others, changed) {
  const load = () => section(list, "sessions", () => each("v1/auth/sessions", "sessions", () => true), (all) => {
    const rest = all.filter((session) => !session.current);
    others.replaceChildren(rest.length ? button("End all others", () => endAll(rest, () => { load(); changed(); }), { class: "button danger-line" }) : "");
    return listing("Sessions, newest first", ["Device", "Address", "Signed in", "Last used", ""], all.map((session) => sessionCells(session, load)), "sessions");
  });
  return load;
}

export const sessionDevice = (session) => h("span", { title: session.device }, deviceOf(session), session.current && h("span", { class: "chip here" }, "this one"));

const sessionCells = (session, load) => [
  sessionDevice(session),
  [h("span", { class: "mono" }, session.address), twoPlaces(session.refreshed_from_two_places)],
  moment(session.created_at),
  moment(session.last_used_at),
  session.current
    ? button("Sign out", askToSignOut, { class: "button small" })
    : button("End", () => endOne(session, load), { class: "button small danger-line", "aria-label": `End the session of ${deviceOf(session)} at ${session.address}` }),
];

// One refresh token came from two addresses: the device changed its network, or somebody copied the token.
const twoPlaces = (places) => places && h("span", {
  class: "chip alert", title: `One refresh token came from ${places.addresses.join(" and ")} within ten seconds. If you did not change networks, end this session.`,
}, "two places");

// A session that has already ended is what the user asked for.
const end = (session) => call("DELETE", `v1/auth/sessions/${session.id}`).catch((error) => { if (error.status !== 404) throw error; });

function endOne(session, load) {
  confirmDialog({
    title: "End this session?",
    text: [`${deviceOf(session)} at ${session.address} is signed out on its next request.`],
    agree: "End session",
    does: () => end(session),
    then: () => { toast("Session ended"); load(); },
  });
}

function endAll(rest, done) {
  confirmDialog({
    title: `End ${plural(rest.length, "other session")}?`,
    text: ["Everywhere but here you are signed out, on the next request. API keys go on working."],
    agree: "End all others",
    does: () => call("DELETE", "v1/auth/sessions"),
    then: () => { toast(`${plural(rest.length, "session")} ended`); done(); },
  });
}

export function askToSignOut() {
  confirmDialog({
    title: "Sign out?",
    text: ["This session ends on the server too. API keys go on working."],
    agree: "Sign out",
    danger: false,
    does: signOut,
  });
}
