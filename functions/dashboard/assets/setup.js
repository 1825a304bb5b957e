// Adding the second factor that somebody must have and has not, before they can sign in.

import { postAs } from "./api.js";
import { button, h } from "./dom.js";
import { appForm, PATH, showCodes } from "./factors.js";
import { makePasskey, passkeys } from "./passkey.js";
import { problemBox } from "./status.js";

// Draws the choice. then() runs when a factor is there, and its recovery codes were shown.
export function setUpFactor(token, cancel, then) {
  const post = (path, body) => postAs(token, path, body);
  const place = h("div", {});
  const status = h("div", {});
  const confirmed = ({ recovery_codes: codes }) => showCodes(codes, then);
  const trying = (go) => async () => {
    status.replaceChildren();
    try {
      await go();
    } catch (error) {
      status.replaceChildren(problemBox(error, null));
    }
  };
  const app = trying(async () => {
    const made = await post(PATH, { type: "totp" });
    place.replaceChildren(appForm(made, post, button("Back", draw), confirmed));
    place.querySelector("input").focus();
  });
  const passkey = trying(async () => {
    const made = await post(PATH, { type: "passkey" });
    confirmed(await post(`${PATH}/${made.id}/confirm`, { credential: await makePasskey(made.public_key) }));
  });
  const draw = () => place.replaceChildren(
    h("p", { role: "status" }, "The password was right. Your account must have a second factor, and has none yet: add one, then sign in with it."),
    h("div", { class: "row" }, button("Add an authenticator app", app), passkeys && button("Add a passkey", passkey)),
    status, h("div", { class: "buttons" }, cancel));
  draw();
  return place;
}
