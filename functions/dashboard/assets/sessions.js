// Settings → Sessions: where the user is signed in, and a button to end each session.

import { call, each, signOut } from "./api.js";
import { confirmDialog } from "./dialog.js";
import { button, h, pageHead, toast } from "./dom.js";
import { factors } from "./factors.js";
import { device, moment, plural } from "./format.js";
import { section } from "./status.js";

export async function sessionsPage(place) {
  const list = h("div", {});
  const others = h("div", {});
  const second = h("section", { "aria-label": "Second factors" });
  place.append(pageHead("Sessions", "Where you are signed in. Ending one ends every token made from it, on its next request.", others), list,
    h("h2", {}, "Second factors"), second);
  factors(second);
  const load = () => section(list, "sessions", () => each("v1/auth/sessions", "sessions", () => true), (sessions) => {
    const rest = sessions.filter((session) => !session.current);
    others.replaceChildren(rest.length ? button("End all others", () => endAll(rest, load), { class: "button danger-line" }) : "");
    return h("div", { class: "card flush" }, h("table", { class: "sessions" }, h("caption", { class: "visually-hidden" }, "Sessions, newest first"),
      h("thead", {}, h("tr", {}, ["Device", "Address", "Signed in", "Last used", ""].map((name) => name ? h("th", { scope: "col" }, name) : h("td", {})))),
      h("tbody", {}, sessions.map((session) => sessionRow(session, load)))));
  });
  await load();
}

const sessionRow = (session, load) => h("tr", {},
  h("th", { scope: "row", title: session.device }, device(session.device), session.current && h("span", { class: "chip here" }, "this one")),
  h("td", { "data-label": "Address", class: "mono" }, session.address, twoPlaces(session.refreshed_from_two_places)),
  h("td", { "data-label": "Signed in" }, moment(session.created_at)),
  h("td", { "data-label": "Last used" }, moment(session.last_used_at)),
  h("td", { class: "end" }, session.current
    ? button("Sign out", askToSignOut, { class: "button small" })
    : button("End", () => endOne(session, load), { class: "button small danger-line", "aria-label": `End the session of ${device(session.device)} at ${session.address}` })));

// One refresh token came from two addresses: the device changed its network, or somebody copied the token.
const twoPlaces = (places) => places && h("span", {
  class: "chip alert", title: `One refresh token came from ${places.addresses.join(" and ")} within ten seconds. If you did not change networks, end this session.`,
}, "two places");

// A session that has already ended is what the user asked for.
const end = (session) => call("DELETE", `v1/auth/sessions/${session.id}`).catch((error) => { if (error.status !== 404) throw error; });

function endOne(session, load) {
  confirmDialog({
    title: "End this session?",
    text: [`${device(session.device)} at ${session.address} is signed out on its next request.`],
    agree: "End session",
    does: () => end(session),
    then: () => { toast("Session ended"); load(); },
  });
}

function endAll(sessions, load) {
  confirmDialog({
    title: `End ${plural(sessions.length, "other session")}?`,
    text: ["Everywhere but here you are signed out, on the next request. API keys go on working."],
    agree: "End all others",
    does: () => call("DELETE", "v1/auth/sessions"),
    then: () => { toast(`${plural(sessions.length, "session")} ended`); load(); },
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
