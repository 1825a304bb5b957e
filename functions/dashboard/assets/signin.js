// Signing in: on a page of its own when there is nothing else to show, and in a dialog over
// the page when a session ended in the middle of something, so that nothing typed is lost.

import { post, settings, shownTo, signIn, signInAlone, signInSecond } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, h, logo } from "./dom.js";
import { field, form, input } from "./form.js";
import { askPasskey, passkeys } from "./passkey.js";
import { SignedOut } from "./problem.js";
import { secondStep } from "./second.js";
import { setUpFactor } from "./setup.js";
import { problemBox } from "./status.js";

const OPTIONS = "v1/auth/login/passkey/options";

// A place with the form and, after the right password, the second step.
function signInForm(done, email = "") {
  const place = h("div", {});
  const first = (notice) => place.replaceChildren(notice ? h("p", { role: "status" }, notice) : "", form({
    content: [
      field("email", "E-mail", input({ type: "email", autocomplete: "username", inputmode: "email", value: email, required: true })),
      field("password", "Password", input({ type: "password", autocomplete: "current-password", required: true, autofocus: Boolean(email) })),
    ],
    action: "Sign in",
    cancel: passkeys && button("Use a passkey", byPasskey),
    submit: async (data, target) => {
      email = data.get("email").trim();
      const needed = await signIn(email, data.get("password"));
      target.reset();
      if (needed?.mfa_setup_token) setUp(needed);
      else if (needed) second(needed);
      else done();
    },
  }), status);
  const second = ({ mfa_token: token, methods }) => place.replaceChildren(
    h("p", {}, "The password was right. One more step."),
    secondStep({
      methods, action: "Sign in", cancel: button("Start again", () => first()),
      options: () => post(OPTIONS, { mfa_token: token }).then(({ public_key }) => ({ public_key })),
      submit: async (proof) => {
        await signInSecond(token, proof);
        done();
      },
    }));
  const setUp = ({ mfa_setup_token: token }) => place.replaceChildren(
    setUpFactor(token, button("Start again", () => first()), () => first("Now sign in with your new second factor.")));
  const status = h("div", {});
  const byPasskey = async () => {
    status.replaceChildren();
    try {
      const { token, public_key: options } = await post(OPTIONS, {});
      await signInAlone({ token, credential: await askPasskey(options) });
      done();
    } catch (error) {
      status.replaceChildren(problemBox(error, null));
    }
  };
  first();
  return place;
}

const forgotten = () => h("p", { class: "hint" }, settings.mail
  ? h("a", { href: "#/forgot" }, "Forgot your password?")
  : "Forgot your password? An administrator can give you a link.");

// Draws a page for somebody who is not signed in.
export function outside(title, ...content) {
  const app = document.getElementById("app");
  app.replaceChildren(h("main", { class: "sign-in" }, h("div", { class: "brand" }, logo(), "Latchkey"), h("h1", { tabindex: -1 }, title), content));
  app.querySelector("input, h1").focus();
}

export function askToSignIn() {
  const app = document.getElementById("app");
  return new Promise((resolve, reject) => {
    if (app.querySelector("main.page")) {
      signInDialog(resolve, reject);
      return;
    }
    document.title = "Sign in · Latchkey";
    outside("Sign in", signInForm(resolve), forgotten(),
      h("p", { class: "hint" }, "There is no sign-up: an administrator registers you."));
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
