// Passwords: choosing one, and changing one's own.

import { access, call, settings } from "./api.js";
import { h, toast } from "./dom.js";
import { field, form, input } from "./form.js";

// A new password, with a box that shows it.
export function newPassword() {
  const control = input({ type: "password", autocomplete: "new-password", required: true });
  const show = h("input", { type: "checkbox", onchange: () => { control.type = show.checked ? "text" : "password"; } });
  return [field("password", "New password", control, `At least ${settings.min_password} characters, and nothing common.`),
    h("div", { class: "row" }, h("label", { class: "inline" }, show, "Show it"))];
}

// Changes the password of the user who is signed in, and signs them out everywhere else.
export const changePasswordForm = (done = () => {}) => form({
  content: [
    h("input", { type: "email", autocomplete: "username", value: access.user.email, hidden: true }), // whose it is, for a password manager
    field("current_password", "Current password", input({ type: "password", autocomplete: "current-password", required: true })),
    newPassword(),
  ],
  action: "Change password",
  submit: async (data, target) => {
    await call("POST", "v1/auth/password", { current_password: data.get("current_password"), password: data.get("password") });
    target.reset();
    target.querySelector("[type=checkbox]").dispatchEvent(new Event("change")); // nor is the next one shown
    toast("Password changed; you are signed out everywhere else");
    done();
  },
});
