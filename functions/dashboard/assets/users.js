// Settings → Users, for administrators: register somebody.

import { call, settings } from "./api.js";
import { button, copyButton, h, icon, pageHead } from "./dom.js";
import { field, form, input, select } from "./form.js";

const ROLES = [["member", "Member: their own keys and projects"], ["admin", "Administrator: may also register users and hold the scope admin"]];

export function usersPage(place) {
  const result = h("div", {});
  place.append(pageHead("Users", "There is no sign-up: register people here and give them their password."), result, registerForm(result));
}

function registerForm(result) {
  const password = input({ type: "password", autocomplete: "new-password", required: true });
  const show = h("input", { type: "checkbox", onchange: () => { password.type = show.checked ? "text" : "password"; } });
  const invent = button("Make one up", () => {
    password.value = randomPassword();
    show.checked = true;
    password.type = "text";
  }, { class: "button small" });
  return h("section", { class: "card narrow" }, h("h2", {}, "Register a user"), form({
    content: [
      field("email", "E-mail", input({ type: "email", inputmode: "email", required: true })),
      field("password", "Password", password, `At least ${settings.min_password} characters. Give it to them over a channel that you trust.`),
      h("div", { class: "row" }, h("label", { class: "inline" }, show, "Show it"), invent, copyButton(() => password.value, "Copy", { class: "button small" })),
      field("role", "Role", select(ROLES)),
    ],
    action: "Register",
    submit: async (data, target) => {
      const { user } = await call("POST", "v1/auth/register", { email: data.get("email").trim(), password: data.get("password"), role: data.get("role") });
      target.reset();
      password.type = "password";
      result.replaceChildren(h("div", { class: "notice good", role: "status" }, icon("check"),
        h("div", {}, h("strong", {}, `${user.email} can sign in now`), h("p", {}, `As ${user.role}, with the password that you gave.`))));
    },
  }));
}

// Four groups of five letters and digits that are not mistaken for one another: 98 bits.
function randomPassword() {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789"; // 32, so a byte's low bits choose evenly
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return [...bytes].map((byte, i) => (i && i % 5 === 0 ? "-" : "") + letters[byte % 32]).join("");
}
