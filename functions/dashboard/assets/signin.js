// Signing in: on a page of its own when there is nothing else to show, and in a dialog over
// the page when a session ended in the middle of something, so that nothing typed is lost.

import { shownTo, signIn } from "./api.js";
import { openDialog } from "./dialog.js";
import { h, logo } from "./dom.js";
import { field, form, input } from "./form.js";
import { SignedOut } from "./problem.js";

function signInForm(done, email = "") {
  return form({
    content: [
      field("email", "E-mail", input({ type: "email", autocomplete: "username", inputmode: "email", value: email, required: true })),
      field("password", "Password", input({ type: "password", autocomplete: "current-password", required: true, autofocus: Boolean(email) })),
    ],
    action: "Sign in",
    submit: async (data, target) => {
      await signIn(data.get("email").trim(), data.get("password"));
      target.reset();
      done();
    },
  });
}

export function askToSignIn() {
  const app = document.getElementById("app");
  return new Promise((resolve, reject) => {
    if (app.querySelector("main.page")) {
      signInDialog(resolve, reject);
      return;
    }
    document.title = "Sign in · Latchkey";
    app.replaceChildren(h("main", { class: "sign-in" },
      h("div", { class: "brand" }, logo(), "Latchkey"),
      h("h1", {}, "Sign in"), signInForm(resolve),
      h("p", { class: "hint" }, "There is no sign-up: an administrator registers you.")));
    app.querySelector("input").focus();
  });
}

function signInDialog(resolve, reject) {
  let signedIn = false;
  const content = [
    h("p", {}, "Your session has ended. The page stays as it is; what you were doing goes on when you have signed in."),
    signInForm(() => {
      signedIn = true;
      dialog.close();
    }, shownTo.email),
  ];
  const dialog = openDialog("Sign in again", content, {
    onclose: () => (signedIn ? resolve() : reject(new SignedOut())),
  });
}
