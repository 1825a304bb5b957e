// Second factors of the user who is signed in: authenticator apps, passkeys and recovery codes.

import { call } from "./api.js";
import { confirmDialog, openDialog } from "./dialog.js";
import { button, copyButton, h, icon, toast } from "./dom.js";
import { field, form, input } from "./form.js";
import { moment, plural } from "./format.js";
import { makePasskey, passkeys } from "./passkey.js";
import { secondStep } from "./second.js";
import { section } from "./status.js";

export const PATH = "v1/auth/factors";
const KINDS = { totp: "Authenticator app", passkey: "Passkey" };

// Draws the factors into a place.
export async function factors(place) {
  const load = () => section(place, "second factors", () => call("GET", PATH), (answer) => draw(answer, load));
  await load();
}

function draw({ factors: all, recovery_codes_left: left }, load) {
  const confirmed = all.filter((factor) => factor.confirmed);
  return h("div", { class: "card" },
    h("p", {}, confirmed.length
      ? "Signing in asks for one of these after your password; a passkey also signs in alone."
      : "With a second factor, nobody signs in with your password alone."),
    h("ul", { class: "factors" }, confirmed.map((factor) => row(factor, load))),
    confirmed.length > 0 && h("p", { class: left < 3 ? "notice warn" : "hint" }, `${plural(left, "recovery code")} left. `,
      button("New recovery codes", () => proven(() => newCodes(load)), { class: "button small" })),
    h("div", { class: "row" },
      button("Add an authenticator app", () => proven(() => addApp(load))),
      passkeys && button("Add a passkey", () => proven(() => addPasskey(load)))));
}

const row = (factor, load) => h("li", { class: "row" },
  h("span", {}, h("strong", {}, factor.name), " ", h("span", { class: "hint" },
    KINDS[factor.type] === factor.name ? "" : `${KINDS[factor.type]} · `, "last used ", moment(factor.last_used_at, "never"))),
  factor.copied_at && h("span", { class: "chip alert", title: "Its counter ran backwards, so there may be a copy of it. If you do not know why, remove it." }, "perhaps copied"),
  button("Remove", () => proven(() => removeFactor(factor, load)), { class: "button small danger-line", "aria-label": `Remove ${factor.name}` }));

// Goes on when the session has a fresh proof of who its user is.
async function proven(go) {
  const { proof } = await call("GET", PATH);
  if (proof.until && new Date(proof.until) > Date.now() + 60e3) return go();
  const dialog = openDialog("Is it you?", [
    h("p", {}, "Prove it before you change how you sign in."),
    secondStep({
      methods: proof.methods, action: "Continue",
      options: async () => {
        const fresh = (await call("GET", PATH)).proof;
        return { token: fresh.token, public_key: fresh.public_key };
      },
      cancel: button("Cancel", () => dialog.close()),
      submit: async (given) => {
        await call("POST", `${PATH}/proof`, given);
        dialog.close();
        await go();
      },
    }),
  ]);
}

const naming = (value) => field("name", "Name", input({ value, maxlength: 100, required: true }), "So that you know it again.");

function addApp(load) {
  const dialog = openDialog("Add an authenticator app", form({
    content: naming(KINDS.totp), action: "Continue", cancel: button("Cancel", () => dialog.close()),
    submit: async (data) => {
      const made = await call("POST", PATH, { type: "totp", name: data.get("name").trim() });
      dialog.replaceChildren(dialog.firstChild, appForm(made, (path, body) => call("POST", path, body),
        button("Cancel", () => dialog.close()), (answer) => confirmed(answer, dialog, load)));
      dialog.querySelector("input").focus();
    },
  }));
}

// The form that confirms an app: post(path, body) sends, and then(answer) gets the factor.
export const appForm = (made, post, cancel, then) => form({
  content: [
    h("p", {}, "Scan this with the app, or type the secret into it. Then enter the code that it shows."),
    h("img", { class: "qr", alt: "QR code of the secret", src: `data:image/svg+xml,${encodeURIComponent(made.qr)}` }),
    h("p", {}, h("code", { class: "mono wrap" }, made.secret)),
    field("code", "Code", input({ inputmode: "numeric", autocomplete: "one-time-code", maxlength: 6, required: true })),
  ],
  action: "Turn on", cancel,
  submit: async (data) => then(await post(`${PATH}/${made.id}/confirm`, { code: data.get("code").trim() })),
});

function addPasskey(load) {
  const dialog = openDialog("Add a passkey", form({
    content: naming(KINDS.passkey), action: "Create it", cancel: button("Cancel", () => dialog.close()),
    submit: async (data) => {
      const made = await call("POST", PATH, { type: "passkey", name: data.get("name").trim() });
      confirmed(await call("POST", `${PATH}/${made.id}/confirm`, { credential: await makePasskey(made.public_key) }), dialog, load);
    },
  }));
}

function confirmed({ name, recovery_codes: codes }, dialog, load) {
  dialog.close();
  load();
  if (codes) showCodes(codes);
  else toast(`${name} added`);
}

function newCodes(load) {
  confirmDialog({
    title: "New recovery codes?", text: ["The ones that you have stop working."], agree: "Make new ones",
    does: () => call("POST", PATH, { type: "recovery_codes" }),
    then: ({ recovery_codes: codes }) => { showCodes(codes); load(); },
  });
}

export function showCodes(codes, onclose) {
  const text = `${codes.join("\n")}\n`;
  const dialog = openDialog("Recovery codes", [
    h("div", { class: "notice warn" }, icon("warning"), h("div", {}, h("strong", {}, "Store them now. They are not shown again."),
      h("p", {}, "Each signs you in once, when you have no other second factor with you."))),
    h("pre", { class: "mono codes", tabindex: 0, "aria-label": "Recovery codes" }, text),
    h("div", { class: "buttons" },
      h("a", { class: "button", download: "latchkey-recovery-codes.txt", href: `data:text/plain,${encodeURIComponent(text)}` }, "Download"),
      copyButton(() => text, "Copy"), button("I have stored them", () => dialog.close(), { class: "button primary" })),
  ], { onclose });
}

function removeFactor(factor, load) {
  confirmDialog({
    title: `Remove ${factor.name}?`, text: ["Signing in does not ask for it any more. With the last factor the recovery codes go too."], agree: "Remove",
    does: () => call("DELETE", `${PATH}/${factor.id}`),
    then: () => { toast(`${factor.name} removed`); load(); },
  });
}
