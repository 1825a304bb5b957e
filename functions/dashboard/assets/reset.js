// What somebody does who is not signed in: ask for a link, and use one. The link's token is behind the #, so no
// server gets it before the person submits, and the address loses it at once.

import { post } from "./api.js";
import { h } from "./dom.js";
import { field, form, input } from "./form.js";
import { newPassword } from "./password.js";
import { outside } from "./signin.js";

const PAGES = {
  forgot: ["Forgot your password?", forgot],
  reset: ["Choose a new password", choose],
  invitation: ["Choose a password", choose],
  verify: ["Is this your address?", verify],
};

// Reports whether an address is of such a page.
export const isOutside = (hash) => Object.hasOwn(PAGES, hash.slice(2).split("?")[0]);

export function drawOutside() {
  const [name, query] = location.hash.slice(2).split("?");
  const [title, draw] = PAGES[name];
  const token = new URLSearchParams(query).get("token") ?? "";
  if (token) history.replaceState(null, "", `#/${name}`);
  display(title, draw(token));
}

function display(title, ...content) {
  document.title = `${title} · Latchkey`;
  outside(title, content, h("p", { class: "hint" }, h("a", { href: "#/keys" }, "Sign in")));
}

const done = (title, text) => display(title, h("p", { role: "status" }, text));

const useless = () => display("This link is not good any more",
  h("p", { role: "alert" }, "It was used, it has expired, or a later one has taken its place."),
  h("p", {}, h("a", { href: "#/forgot" }, "Get another")));

function forgot() {
  return [h("p", {}, "If the address has an account, it gets a link to choose another password."), form({
    content: [field("email", "E-mail", input({ type: "email", autocomplete: "username", inputmode: "email", required: true }))],
    action: "Send the link",
    submit: async (data) => {
      await post("v1/auth/password/forgot", { email: data.get("email").trim() });
      done("Look into your mail", "If the address has an account, a link is on its way. It is good for 30 minutes.");
    },
  })];
}

// Sends what a link is for; one that is not good leads to a page that says so.
async function use(path, body) {
  try {
    await post(path, body);
    return true;
  } catch (error) {
    if (!error.fields?.some(({ field: name }) => name === "token")) throw error;
    useless();
    return false;
  }
}

function choose(token) {
  return form({
    content: newPassword(),
    action: "Set the password",
    submit: async (data) => {
      if (await use("v1/auth/password/reset", { token, password: data.get("password") })) {
        done("Your password is set", "You are signed out everywhere. Sign in with the new one.");
      }
    },
  });
}

function verify(token) {
  return form({
    content: [],
    action: "Yes, it is mine",
    submit: async () => {
      if (await use("v1/auth/verify", { token })) done("Thank you", "The address is verified.");
    },
  });
}
