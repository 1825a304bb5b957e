// Settings → API keys → Create.

import { access, call, settings } from "./api.js";
import { h, icon, pageHead } from "./dom.js";
import { field, form, input, invalid, select } from "./form.js";
import { NUMBER } from "./format.js";
import { TYPES, fetchProjects, masked, remember } from "./keydata.js";
import { quickStart } from "./quickstart.js";
import { scopeGrid } from "./scopes.js";
import { secretPanel } from "./secret.js";
import { section } from "./status.js";

const EXPIRIES = [["7", "In 7 days"], ["30", "In 30 days"], ["90", "In 90 days"], ["365", "In a year"], ["date", "On a date…"], ["", "Never"]];
const PROPOSED = "90";
export const CATEGORIES = [["read", "Reads"], ["write", "Writes"], ["management", "Management"], ["auth", "Token requests"]];

export async function createPage(place) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: "#/keys" }, icon("back"), "API keys"), pageHead("Create a key"), content);
  await section(content, "projects", fetchProjects, (projects) => createForm(projects, (made) => showMade(place, content, made)));
  content.querySelector("[name=name]")?.focus();
}

function createForm(projects, done) {
  const scopes = scopeGrid();
  const sameNames = new Set(projects.map((project) => project.name)).size < projects.length;
  const project = select(projects.map((each) => [each.id, `${each.name} (${each.key_prefix}…)${sameNames ? ` ${each.id.slice(-4)}` : ""}`]));
  project.value = `prj_${access.user.id.slice(4)}`; // a user's first, as where none is named
  if (!project.value) project.selectedIndex = 0;
  const date = input({ type: "date", min: new Date(Date.now() + 86400e3).toISOString().slice(0, 10), "aria-label": "Expires on", hidden: true });
  const expiry = select(EXPIRIES, { onchange: () => { date.hidden = expiry.value !== "date"; } });
  expiry.value = PROPOSED;
  scopes.setType("scoped");
  return form({
    content: [
      field("name", "Name", input({ maxlength: 100, required: true, placeholder: "ci-pipeline" }), "What uses it, so that you know later what you are about to revoke."),
      typeChoice(scopes.setType),
      scopes.element,
      h("div", {}, field("expires_at", "Expires", expiry, "A key that is forgotten ends by itself. Regenerating does not change this."), date),
      h("details", { class: "card more" }, h("summary", {}, "Project, limits, allowed addresses"),
        field("project_id", "Project", project, "The key opens this project and no other, and its prefix starts the key."),
        limits(),
        field("allowed_ips", "Allowed addresses", h("textarea", { rows: 3, spellcheck: "false", placeholder: "203.0.113.7\n198.51.100.0/24" }),
          "One address or CIDR block a line. The key is refused from everywhere else. Empty: from anywhere.")),
    ],
    action: "Create key",
    cancel: h("a", { class: "button", href: "#/keys" }, "Cancel"),
    submit: async (data) => {
      const body = requestOf(data, scopes.chosen(), date.value);
      done(await call("POST", "api/v1/auth/api-keys", body));
    },
  });
}

function typeChoice(onType) {
  return h("fieldset", { class: "field types", "data-field": "type" }, h("legend", {}, "Type"),
    Object.entries(TYPES).map(([type, [name, text]]) =>
      h("label", { class: "choice" },
        h("input", { type: "radio", name: "type", value: type, checked: type === "scoped", onchange: () => onType(type) }),
        h("span", {}, h("strong", {}, name), h("span", { class: "hint" }, text)))),
    h("p", { class: "field-error" }));
}

const limits = () =>
  h("fieldset", { class: "field limits", "data-field": "rate_limit" }, h("legend", {}, `Limits: requests per ${settings.window} s`),
    h("div", { class: "row" }, CATEGORIES.map(([category, label]) =>
      h("label", {}, h("span", { class: "hint" }, label), input({ type: "number", name: `limit-${category}`, min: 1, max: 1000000, inputmode: "numeric", placeholder: settings.limits[category] ? `default ${NUMBER.format(settings.limits[category])}` : "no limit" })))),
    h("p", { class: "field-error" }));

function requestOf(data, scopes, date) {
  const body = { name: data.get("name").trim(), type: data.get("type"), project_id: data.get("project_id"), permissions: scopes };
  const wrong = [];
  if (!body.name) wrong.push({ field: "name", message: "Give it a name" });
  if (!scopes.length) wrong.push({ field: "scopes", message: "Choose at least one scope, or a shortcut" });
  const expires = data.get("expires_at");
  const at = expires === "date" ? new Date(`${date}T23:59:59`) : new Date(Date.now() + expires * 86400e3);
  if (expires && isNaN(at)) wrong.push({ field: "expires_at", message: "Choose the date" });
  else if (expires) body.expires_at = at.toISOString();
  const own = CATEGORIES.map(([category]) => [category, data.get(`limit-${category}`)]).filter(([, text]) => text);
  if (own.length) body.rate_limit = Object.fromEntries(own.map(([category, text]) => [category, Number(text)]));
  const addresses = data.get("allowed_ips").split(/[\s,]+/).filter(Boolean);
  if (addresses.length) body.allowed_ips = addresses;
  if (wrong.length) throw invalid(wrong);
  return body;
}

function showMade(place, content, made) {
  const shown = masked(made.key);
  remember("keys", { ...made, key: shown });
  place.querySelector("h1").textContent = made.name;
  const panel = secretPanel(made, {
    title: "Your key is ready",
    text: "We keep only a hash of it. If you lose it, regenerate it; nobody can look it up.",
    done: () => { location.hash = `#/keys/${made.id}`; },
  });
  content.replaceChildren(panel, quickStart(shown, panel));
  content.querySelector("output").focus();
}
