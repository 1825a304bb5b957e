// Settings → Users → one user, for administrators: their sessions and keys, and what can be done to them.

import { accountLog } from "./accountlog.js";
import { access, call, each, untilDone } from "./api.js";
import { confirmDialog, openDialog } from "./dialog.js";
import { button, copyButton, copyable, h, icon, pageHead, toast } from "./dom.js";
import { field, input, select } from "./form.js";
import { deviceOf, moment, plural, span } from "./format.js";
import { stateBadge } from "./keydata.js";
import { listing } from "./listing.js";
import { Refusal } from "./problem.js";
import { sessionDevice } from "./sessions.js";
import { notFound, section } from "./status.js";

export const ROLES = [["member", "Member: their own keys and projects"], ["admin", "Administrator: may also register users and hold the scope admin"]];
const STATUSES = { active: "Active", invited: "Invited", disabled: "Disabled", disabling: "Not all ended yet", deleting: "Not all deleted yet" };

export const userBadge = (user) => h("span", { class: `badge ${STATUSES[user.status] && ["active", "disabled"].includes(user.status) ? user.status : "soon"}` }, STATUSES[user.status] ?? user.status);

// How somebody gets a link: by e-mail, or from the administrator, to whom it is shown this once.
export const delivered = ({ sent, url, expires_in }, email) => sent ? h("p", {}, `A link was sent to ${email}. It is good for ${span(expires_in)}, once.`)
  : h("div", {}, h("p", {}, `Give ${email} this link over a channel that you trust. It is good for ${span(expires_in)}, once, and is not shown again.`),
    h("p", { class: "mono" }, url), copyButton(() => url, "Copy link", { class: "button small" }));

export async function userPage(place, id) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: "#/users" }, icon("back"), "Users"), content);
  const load = () => section(content, "the user", () => call("GET", `v1/users/${id}`).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  }), (user) => user ? userView(user, load) : notFound(`There is no user ${id}, or they were deleted.`));
  await load();
}

function userView(user, load) {
  document.title = `${user.email} · Latchkey`;
  const log = h("div", {});
  accountLog(log, `${path(user)}/log`, user.id);
  const disabled = !["active", "invited"].includes(user.status), act = (ask, label, attributes) => button(label, () => ask(user, load), attributes);
  const danger = { class: "button danger-line" };
  return [
    pageHead(user.email, userBadge(user),
      !disabled && act(makeLink, user.status === "invited" ? "New invitation" : "Reset password"), !disabled && act(changeRole, "Change role"), !disabled && act(handOver, "Hand over"),
      user.status === "disabled" && act(enable, "Enable"),
      user.status !== "disabled" && user.status !== "deleting" && act(disable, disabled ? "Go on disabling" : "Disable", danger),
      act(erase, user.status === "deleting" ? "Go on deleting" : "Delete", danger)),
    h("dl", { class: "card facts" }, [["Role", user.role === "admin" ? "Administrator" : "Member"], ["Registered", moment(user.created_at)],
      user.disabled_at && ["Disabled", moment(user.disabled_at)],
      ["Id", copyable(user.id)],
    ].filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    newest("API keys", ["Name", "State", "Last used"], user.api_keys, user.api_keys_next_cursor, (key) => [
      h("a", { href: `#/keys/${key.id}?owner=${user.id}` }, key.name), stateBadge(key), moment(key.last_used_at, "Never")]),
    newest("Sessions", ["Device", "Address", "Last used", ""], user.sessions, user.sessions_next_cursor, (session) => [
      sessionDevice(session), h("span", { class: "mono" }, session.address), moment(session.last_used_at),
      !session.current && button("End", () => endSession(session, load), { class: "button small danger-line", "aria-label": `End the session of ${deviceOf(session)}` })]),
    h("section", {}, h("h2", {}, "Log"), log),
  ];
}

const newest = (title, columns, items, more, cells) => h("section", {}, h("h2", {}, title),
  items.length ? listing(`${title}, newest first`, columns, items.map(cells)) : h("p", { class: "hint" }, "None."),
  more && h("p", { class: "hint" }, `The newest ${items.length}. There are more.`));

const path = (user) => `v1/users/${user.id}`;

function endSession(session, load) {
  confirmDialog({
    title: "End this session?",
    text: [`${deviceOf(session)} at ${session.address} is signed out on its next request.`],
    agree: "End session",
    does: () => call("DELETE", `v1/auth/sessions/${session.id}`).catch((error) => { if (error.status !== 404) throw error; }),
    then: () => { toast("Session ended"); load(); },
  });
}

function makeLink(user) {
  const purpose = user.status === "invited" ? "invitation" : "reset";
  confirmDialog({
    title: `Make a link for ${user.email}?`,
    text: ["With it they choose a password. An earlier link for this ends."],
    agree: "Make link",
    danger: false,
    does: () => call("POST", `${path(user)}/link`, { purpose }),
    then: (made) => openDialog("The link", h("div", {}, delivered(made, user.email), h("form", { method: "dialog", class: "buttons" }, h("button", { class: "button" }, "Done")))),
  });
}

function changeRole(user, load) {
  const role = select(ROLES, { value: user.role });
  confirmDialog({
    title: `Change the role of ${user.email}?`,
    text: ["Their sessions end: they sign in again. A member’s keys with a scope of administrators are revoked."],
    extra: field("role", "Role", role),
    agree: "Change role",
    danger: false,
    does: (say) => untilDone("PATCH", path(user), { role: role.value }, say),
    then: (now) => { toast(`${user.email} is ${now.role} now`); load(); },
  });
}

const enable = (user, load) => confirmDialog({
  title: `Enable ${user.email}?`,
  text: ["They can sign in again. Keys that were revoked stay revoked."],
  agree: "Enable user",
  danger: false,
  does: (say) => untilDone("PATCH", path(user), { disabled: false }, say),
  then: () => { toast(`Enabled ${user.email}`); load(); },
});

const disable = (user, load) => confirmDialog({
  title: `Disable ${user.email}?`,
  text: ["All their sessions end, and all their API keys are revoked, which cannot be undone.", "If programs of others use their keys, hand these over first."],
  agree: "Disable user",
  does: (say) => untilDone("PATCH", path(user), { disabled: true }, say),
  then: () => { toast(`Disabled ${user.email}`); load(); },
});

function erase(user) {
  const typed = input({ type: "email", autocapitalize: "none" });
  confirmDialog({
    title: `Delete ${user.email}?`,
    text: ["Their sessions, API keys and projects are deleted, and the person is erased. The keys’ logs are kept and name only their id. This cannot be undone.",
      "If programs of others use their keys, hand these over first."],
    extra: field("confirm", `Type ${user.email} to confirm`, typed),
    agree: "Delete user",
    does: (say) => {
      if (typed.value.trim().toLowerCase() !== user.email) throw new Refusal(422, { detail: `Type ${user.email} first.` });
      return untilDone("DELETE", path(user), undefined, say);
    },
    then: () => { toast(`Deleted ${user.email}`); location.hash = user.id === access.user.id ? "#/keys" : "#/users"; },
  });
}

// Whom an administrator names by their e-mail address.
export async function userOf(email) {
  let found = null;
  await each(`v1/users?search=${encodeURIComponent(email)}`, "users", (users) => !(found = users.find((user) => user.email === email)));
  if (!found) throw new Refusal(422, { detail: `Nobody has the address ${email}.` });
  return found;
}

function handOver(user, load) {
  const to = input({ type: "email", autocapitalize: "none" });
  confirmDialog({
    title: `Hand over all that ${user.email} has?`,
    text: ["All their projects and API keys belong to the other user then. Programs that use the keys notice nothing."],
    extra: field("to", "E-mail address of the new owner", to),
    agree: "Hand over",
    danger: false,
    does: async (say) => untilDone("POST", `${path(user)}/handover`, { to: (await userOf(to.value.trim().toLowerCase())).id }, say),
    then: ({ left }) => {
      toast(left ? `Handed over, but for ${plural(left, "key")} with a scope of administrators: the new owner is none` : "Handed over");
      load();
    },
  });
}
