// The second step: a code, a recovery code or a passkey. Signing in and a proof ask for it alike.

import { button, h } from "./dom.js";
import { field, form, input } from "./form.js";
import { askPasskey, passkeys } from "./passkey.js";
import { problemBox } from "./status.js";

// methods are what the service takes; options() gives those of a passkey; submit gets the proof. cancel is
// a button.
export function secondStep({ methods, options, submit, action, cancel }) {
  const place = h("div", {});
  const draw = (kind) => {
    const others = methods.filter((method) => method !== kind && (method !== "passkey" || passkeys))
      .map((method) => button(`Use ${NAMES[method]}`, () => draw(method), { class: "button small" }));
    place.replaceChildren(kind === "passkey" ? byPasskey(options, submit, cancel) : byCode(kind, submit, action, cancel), h("div", { class: "row" }, others));
    place.querySelector("input, button").focus();
  };
  queueMicrotask(() => draw(methods.find((method) => method !== "passkey" || passkeys)));
  return place;
}

const NAMES = { totp: "an authenticator app", passkey: "a passkey", recovery_code: "a recovery code", password: "the password" };

const FIELDS = {
  totp: () => field("code", "Code", input({ inputmode: "numeric", autocomplete: "one-time-code", maxlength: 6, required: true }), "The six digits that your authenticator app shows."),
  recovery_code: () => field("recovery_code", "Recovery code", input({ required: true }), "One of those that you stored. It is good once."),
  password: () => field("password", "Password", input({ type: "password", autocomplete: "current-password", required: true })),
};

const byCode = (kind, submit, action, cancel) => form({
  content: FIELDS[kind](),
  action, cancel,
  submit: (data) => submit(Object.fromEntries([...data].map(([name, value]) => [name, name === "password" ? value : value.trim()]))),
});

function byPasskey(options, submit, cancel) {
  const status = h("div", {});
  const go = button("Use a passkey", async () => {
    go.disabled = true;
    status.replaceChildren();
    try {
      const { public_key: asked, ...rest } = await options();
      await submit({ ...rest, credential: await askPasskey(asked) });
    } catch (error) {
      status.replaceChildren(problemBox(error, null));
    }
    go.disabled = false;
  }, { class: "button primary" });
  return h("div", {}, h("p", { class: "hint" }, "Your device asks for it."), status, h("div", { class: "buttons" }, cancel, go));
}
