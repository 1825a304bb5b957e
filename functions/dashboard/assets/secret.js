// A full key, shown once. It lives in this element and this closure alone; wipe() clears
// both, and runs when the user says so and when the page is left in any other way.

import { button, copyButton, h, icon } from "./dom.js";

export let wipeSecret = () => {};

export function secretPanel(made, { title, text, done }) {
  let secret = made.key;
  delete made.key;
  const shown = h("output", { class: "secret mono", "aria-label": "The key", tabindex: 0 }, secret);
  const panel = h("section", { class: "card once" },
    h("h2", {}, icon("check"), title),
    h("div", { class: "notice warn" }, icon("warning"),
      h("div", {}, h("strong", {}, "Copy it now. It is not shown again."), h("p", {}, text))),
    h("div", { class: "secret-row" }, shown, copyButton(() => secret, "Copy key", { class: "button primary" })),
    h("div", { class: "buttons" }, button("I have stored it", () => { wipeSecret(); done(); })));
  wipeSecret = () => {
    secret = "";
    shown.textContent = "";
    panel.remove();
    wipeSecret = () => {};
  };
  return panel;
}

// A page that the browser keeps to go back to is a page with the key in it.
addEventListener("pagehide", () => wipeSecret());
