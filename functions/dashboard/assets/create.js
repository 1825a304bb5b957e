// Settings → API keys → Create.

import { access, call } from "./api.js";
import { h, icon, pageHead } from "./dom.js";
import { choices, field, form, select } from "./form.js";
import { TYPES, fetchProjects, masked, remember } from "./keydata.js";
import { addressField, chosenIn, expiryField, limitFields, nameField } from "./keyform.js";
import { quickStart } from "./quickstart.js";
import { scopeGrid } from "./scopes.js";
import { secretPanel } from "./secret.js";
import { section } from "./status.js";

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
  scopes.setType("scoped");
  return form({
    content: [
      nameField(),
      choices("type", "Type", Object.entries(TYPES).map(([type, words]) => [type, ...words]), "scoped", scopes.setType),
      scopes.element,
      expiryField(),
      h("details", { class: "card more" }, h("summary", {}, "Project, limits, allowed addresses"),
        field("project_id", "Project", project, "The key opens this project and no other, and its prefix starts the key."),
        limitFields(),
        addressField()),
    ],
    action: "Create key",
    cancel: h("a", { class: "button", href: "#/keys" }, "Cancel"),
    submit: async (data) => done(await call("POST", "api/v1/auth/api-keys", requestOf(data, scopes.chosen()))),
  });
}

function requestOf(data, scopes) {
  const { rate_limit: limits, allowed_ips: addresses, ...chosen } = chosenIn(data, scopes);
  const own = Object.entries(limits).filter(([, limit]) => limit !== null);
  return {
    ...chosen, type: data.get("type"), project_id: data.get("project_id"),
    ...(own.length && { rate_limit: Object.fromEntries(own) }), ...(addresses.length && { allowed_ips: addresses }),
  };
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
