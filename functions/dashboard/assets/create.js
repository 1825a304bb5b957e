// Settings → API keys → Create, for oneself or for a customer.

import { access, call } from "./api.js";
import { findCustomer, nameOfCustomer } from "./customerdata.js";
import { h, icon, pageHead } from "./dom.js";
import { choices, form } from "./form.js";
import { TYPES, fetchProjects, masked, remember } from "./keydata.js";
import { addressField, chosenIn, expiryField, nameField } from "./keyform.js";
import { limitFields, limitsIn } from "./limits.js";
import { projectField } from "./projects.js";
import { quickStart } from "./quickstart.js";
import { quotaFields, quotaIn } from "./quota.js";
import { scopeGrid } from "./scopes.js";
import { secretPanel } from "./secret.js";
import { notFound, section } from "./status.js";

export async function createPage(place, asked) {
  const content = h("div", {}), id = asked.get("customer");
  const back = id ? [`#/customers/${id}`, "The customer"] : ["#/keys", "API keys"];
  place.append(h("a", { class: "back", href: back[0] }, icon("back"), back[1]), content);
  await section(content, "projects", () => Promise.all([fetchProjects(), id && findCustomer(id)]), ([projects, customer]) => {
    if (id && !customer) return notFound(`There is no customer ${id}.`);
    const head = pageHead("Create a key", customer && `For ${nameOfCustomer(customer)}, within what the customer may do.`);
    return [head, createForm(projects, customer, back[0], (made) => showMade(head, content, made))];
  });
  content.querySelector("[name=name]")?.focus();
}

function createForm(projects, customer, back, done) {
  const ceiling = customer?.scopes;
  const scopes = scopeGrid(ceiling ? access.user.scopes.filter((name) => ceiling.includes(name)) : access.user.scopes);
  scopes.setType("scoped");
  return form({
    content: [
      nameField(),
      choices("type", "Type", Object.entries(TYPES).map(([type, words]) => [type, ...words]), "scoped", scopes.setType),
      scopes.element,
      expiryField(),
      h("details", { class: "card more" }, h("summary", {}, customer ? "Limits, quota, allowed addresses" : "Project, limits, quota, allowed addresses"),
        !customer && projectField(projects, "The key opens this project and no other, and its prefix starts the key."),
        limitFields(),
        quotaFields(),
        addressField()),
    ],
    action: "Create key",
    cancel: h("a", { class: "button", href: back }, "Cancel"),
    submit: async (data) => done(await call("POST", "api/v1/auth/api-keys", requestOf(data, scopes.chosen(), customer))),
  });
}

function requestOf(data, scopes, customer) {
  const { allowed_ips: addresses, ...chosen } = chosenIn(data, scopes);
  return {
    ...chosen, type: data.get("type"), project_id: customer?.project_id ?? data.get("project_id"), customer_id: customer?.id,
    rate_limit: limitsIn(data), quota: quotaIn(data) ?? undefined, allowed_ips: addresses.length ? addresses : undefined,
  };
}

function showMade(head, content, made) {
  const shown = masked(made.key);
  remember("keys", { ...made, key: shown });
  head.querySelector("h1").textContent = made.name;
  const panel = secretPanel(made, {
    title: "Your key is ready",
    text: "We keep only a hash of it. If you lose it, regenerate it; nobody can look it up.",
    done: () => { location.hash = `#/keys/${made.id}`; },
  });
  content.replaceChildren(head, panel, quickStart(shown, panel));
  content.querySelector("output").focus();
}
