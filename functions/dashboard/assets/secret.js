// A full key, shown once. It lives in this closure, in this element and, while that is shown, in the quick start;
// wipe() clears them all, and runs when the user says so and when the page is left in any other way.

import { button, copyButton, h, icon } from "./dom.js";

export let wipeSecret = () => {};

let held = false;

// Reports whether a key is shown that nobody has copied or stored.
export const keepsSecret = () => held;
export const copied = () => { held = false; };

export function secretPanel(made, { title, text, done }) {
  let secret = made.key;
  delete made.key;
  held = true;
  const shown = h("output", { class: "secret mono", "aria-label": "The key", tabindex: 0 }, secret);
  const panel = h("section", { class: "card once" },
    h("h2", {}, icon("check"), title),
    h("div", { class: "notice warn" }, icon("warning"),
      h("div", {}, h("strong", {}, "Copy it now. It is not shown again."), h("p", {}, text))),
    h("div", { class: "secret-row" }, shown, copyButton(() => secret, "Copy key", { class: "button primary" }, copied)),
    h("div", { class: "buttons" }, button("I have stored it", () => { wipeSecret(); done(); })));
  wipeSecret = () => {
    secret = "";
    held = false;
    shown.textContent = "";
    panel.dispatchEvent(new Event("wiped"));
    panel.remove();
    wipeSecret = () => {};
  };
  panel.secret = () => secret;
  return panel;
}

// A page that the browser keeps to go back to is a page with the key in it.
addEventListener("pagehide", () => wipeSecret());
addEventListener("beforeunload", (event) => { if (held) event.preventDefault(); });
