// Dialogs. The browser's own <dialog> keeps the focus inside, closes on Escape, and gives
// the focus back to what opened it.

import { button, h, newID } from "./dom.js";
import { problemBox } from "./status.js";

export function openDialog(title, content, { onclose } = {}) {
  const heading = newID();
  const dialog = h("dialog", { "aria-labelledby": heading },
    h("h2", { id: heading }, title), content);
  dialog.addEventListener("close", () => { dialog.remove(); onclose?.(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// A dialog is about the page that opened it.
export const closeDialogs = () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());

// Asks before doing. does runs when the user agrees; if it fails, the dialog stays and shows why; if it
// succeeds, then gets its result once the dialog is gone. The button with the first focus is never one for
// something that cannot be undone.
export function confirmDialog({ title, text, extra, agree, danger = true, does, then }) {
  const status = h("div", {});
  const cancel = button("Cancel", () => dialog.close(), { autofocus: true });
  const go = h("button", { type: "submit", class: danger ? "button danger" : "button primary" }, agree);
  const form = h("form", {
    method: "dialog",
    onsubmit: async (event) => {
      event.preventDefault();
      if (go.disabled) return;
      go.disabled = true;
      status.replaceChildren();
      try {
        const result = await does((text) => status.replaceChildren(h("p", { role: "status" }, text)));
        dialog.close();
        then?.(result);
      } catch (error) {
        const again = error.status === 429 ? () => form.requestSubmit() : null;
        status.replaceChildren(problemBox(error, again));
      }
      go.disabled = false;
    },
  }, text.map((paragraph) => h("p", {}, paragraph)), extra, status, h("div", { class: "buttons" }, cancel, go));
  const dialog = openDialog(title, form);
  return dialog;
}
