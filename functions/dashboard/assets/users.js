// Settings → Users, for administrators: find somebody, or register them.

import { call, settings } from "./api.js";
import { button, copyButton, h, icon, pageHead } from "./dom.js";
import { field, form, input, select } from "./form.js";
import { moment } from "./format.js";
import { addRows, listing, moreButton } from "./listing.js";
import { readdress } from "./main.js";
import { empty, section } from "./status.js";
import { ROLES, delivered, userBadge } from "./user.js";

export function usersPage(place, asked) {
  const result = h("div", {}), list = h("div", {});
  const search = input({ type: "search", placeholder: "Search e-mail", value: asked.get("search") ?? "" });
  let waits = 0;
  const find = () => {
    readdress("/users", { search: search.value });
    const part = h("div", {}); // an earlier search that ends later draws into one that is gone
    list.replaceChildren(part);
    return section(part, "users", () => found(search.value), userTable);
  };
  search.addEventListener("input", () => {
    const wait = ++waits;
    setTimeout(() => wait === waits && place.isConnected && find(), 250); // not over another page
  });
  place.append(pageHead("Users", "There is no sign-up: people are invited or registered here."), result,
    h("div", { class: "tools row" }, h("label", { class: "search" }, icon("search"), h("span", { class: "visually-hidden" }, "Search users"), search)),
    list, registerForm(result));
  return find();
}

// A page of the service may have nobody, and yet not be the last.
async function found(search, cursor = "") {
  const users = [];
  do {
    const page = await call("GET", `v1/users?${new URLSearchParams({ limit: 100, search, ...(cursor && { cursor }) })}`);
    users.push(...page.users);
    cursor = page.next_cursor;
  } while (cursor && users.length < 50);
  return { search, users, cursor };
}

function userTable({ search, users, cursor }) {
  if (!users.length) return empty("Nobody found", "No user has that in their e-mail address.");
  const columns = ["E-mail", "Role", "State", "Registered"];
  const table = listing("Users", columns, users.map(userCells));
  const more = moreButton("Show more", async () => {
    const page = await found(search, cursor);
    cursor = page.cursor;
    if (!cursor) more.remove();
    return addRows(table, columns, page.users.map(userCells));
  });
  return [table, cursor ? h("div", { class: "pager" }, more) : ""];
}

const userCells = (user) => [h("a", { href: `#/users/${user.id}` }, user.email), user.role === "admin" ? "Administrator" : "Member", userBadge(user), moment(user.created_at)];

function registerForm(result) {
  const password = input({ type: "password", autocomplete: "new-password" });
  const show = h("input", { type: "checkbox", onchange: () => { password.type = show.checked ? "text" : "password"; } });
  const invent = button("Make one up", () => {
    password.value = randomPassword();
    show.checked = true;
    password.type = "text";
  }, { class: "button small" });
  return h("section", { class: "card narrow" }, h("h2", {}, "Invite or register a user"), form({
    content: [
      field("email", "E-mail", input({ type: "email", inputmode: "email", required: true })),
      field("password", "Password", password, `Empty: they are invited, and choose one by a link. Else at least ${settings.min_password} characters; give it to them over a channel that you trust.`),
      h("div", { class: "row" }, h("label", { class: "inline" }, show, "Show it"), invent, copyButton(() => password.value, "Copy", { class: "button small" })),
      field("role", "Role", select(ROLES)),
    ],
    action: "Register",
    submit: async (data, target) => {
      const chosen = data.get("password");
      const { user, invitation } = await call("POST", "v1/auth/register", { email: data.get("email").trim(), ...(chosen && { password: chosen }), role: data.get("role") });
      target.reset();
      show.checked = false;
      password.type = "password";
      result.replaceChildren(h("div", { class: "notice good", role: "status" }, icon("check"),
        h("div", {}, h("strong", {}, invitation ? `${user.email} is invited` : `${user.email} can sign in now`),
          invitation ? delivered(invitation, user.email) : h("p", {}, `As ${user.role}, with the password that you gave.`))));
    },
  }));
}

// Four groups of five letters and digits that are not mistaken for one another: 98 bits.
function randomPassword() {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789"; // 32, so a byte's low bits choose evenly
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return [...bytes].map((byte, i) => (i && i % 5 === 0 ? "-" : "") + letters[byte % 32]).join("");
}
