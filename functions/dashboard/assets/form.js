// Forms: a label for every control, a hint under it, and the server's own words where a
// value was refused.

import { h, newID } from "./dom.js";
import { Refusal } from "./problem.js";
import { problemBox } from "./status.js";
import { forgetTyped, keepTyped } from "./unsaved.js";

export function field(name, label, control, hint) {
  const id = newID();
  const error = h("p", { class: "field-error", id: `${id}-error` });
  control.id = id;
  control.name = name;
  control.setAttribute("aria-describedby", `${id}-error${hint ? ` ${id}-hint` : ""}`);
  return h("div", { class: "field", "data-field": name },
    h("label", { for: id }, label), control, hint && h("p", { class: "hint", id: `${id}-hint` }, hint), error);
}

export const input = (attributes) => h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });

export const select = (options, attributes) =>
  h("select", attributes, options.map(([value, text]) => h("option", { value }, text)));

// One of several, each with what it means: options are [value, name, meaning].
export const choices = (name, legend, options, chosen, onchoice = () => {}) =>
  h("fieldset", { class: "field types", "data-field": name }, h("legend", {}, legend),
    options.map(([value, title, meaning]) =>
      h("label", { class: "choice" },
        h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchoice(value) }),
        h("span", {}, h("strong", {}, title), h("span", { class: "hint" }, meaning)))),
    h("p", { class: "field-error" }));

// Runs submit, and shows meanwhile that it is running. A refusal is shown at its fields, or above
// the buttons. Whoever leaves a form that keeps is asked first, if they have typed something.
export function form({ content, action, submit, cancel, keeps = false }) {
  const status = h("div", {});
  const go = h("button", { type: "submit", class: "button primary" }, action);
  const made = h("form", {
    novalidate: true,
    onsubmit: async (event) => {
      event.preventDefault();
      const target = event.currentTarget;
      if (go.disabled) return;
      clearErrors(target);
      status.replaceChildren();
      go.disabled = true;
      go.setAttribute("aria-busy", "true");
      try {
        const bad = [...target.elements].find((each) => each.type === "number" && each.validity.badInput); // its value is ""
        if (bad) throw invalid([{ field: bad.closest("[data-field]").dataset.field, message: "Enter a whole number" }]);
        await submit(new FormData(target), target);
        if (keeps) forgetTyped();
      } catch (error) {
        showError(target, status, error);
      } finally {
        go.disabled = false;
        go.removeAttribute("aria-busy");
      }
    },
  }, content, status, h("div", { class: "buttons" }, cancel, go));
  if (keeps) keepTyped(made);
  return made;
}

// A mistake that the page finds itself is shown like one that the server finds.
export const invalid = (fields) => new Refusal(422, { detail: "Some values need another look", fields });

function clearErrors(target) {
  for (const slot of target.querySelectorAll(".field-error")) slot.textContent = "";
  for (const control of target.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function showError(target, status, error) {
  const elsewhere = [];
  let first = null;
  for (const { field: name, message } of error.fields ?? []) {
    const place = target.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (!place) {
      elsewhere.push(`${name}: ${message}`);
      continue;
    }
    const hidden = place.closest("details");
    if (hidden) hidden.open = true;
    place.querySelector(".field-error").textContent = message[0].toUpperCase() + message.slice(1);
    const control = place.querySelector("input, select, textarea");
    control.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  if (first) first.focus();
  if (!first || elsewhere.length) {
    status.replaceChildren(problemBox(elsewhere.length ? new Refusal(422, { detail: elsewhere.join("; ") }) : error,
      error.status === 429 ? () => target.requestSubmit() : null));
  }
}
