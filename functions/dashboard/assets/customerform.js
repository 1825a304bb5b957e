// Customers → Create, and → one customer → Edit. Of a customer that is there only what was changed is sent.

import { call, settings } from "./api.js";
import { customerPath, findCustomer, nameOfCustomer } from "./customerdata.js";
import { h, icon, pageHead, toast } from "./dom.js";
import { choices, field, form, input, invalid } from "./form.js";
import { fetchProjects, forget, remember } from "./keydata.js";
import { limitChanges, limitFields, limitsIn } from "./limits.js";
import { metadataChanges, metadataField } from "./metadata.js";
import { projectField } from "./projects.js";
import { quotaChange, quotaFields, quotaIn } from "./quota.js";
import { scopeGrid } from "./scopes.js";
import { notFound, section } from "./status.js";

export async function createCustomerPage(place) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: "#/customers" }, icon("back"), "Customers"), pageHead("Create a customer", "Then make keys for it, on its page."), content);
  await section(content, "projects", fetchProjects, (projects) => customerForm({
    first: [
      field("external_id", "External id", input({ maxlength: 255, required: true, placeholder: "acme-17", autocapitalize: "none" }), "Your own name of it, for example its id in your database. It is unique in the project, and stays."),
      projects.length > 1 && projectField(projects, "Its keys open this project."),
    ],
    action: "Create customer",
    cancel: "#/customers",
    send: (data, scopes) => call("POST", "v1/customers", {
      external_id: data.get("external_id").trim(), name: data.get("name").trim(), project_id: data.get("project_id") ?? projects[0]?.id, scopes,
      rate_limit: limitsIn(data), quota: quotaIn(data) ?? undefined, metadata: metadataChanges({}, data),
    }),
  }));
  content.querySelector("input")?.focus();
}

export async function editCustomerPage(place, id) {
  const content = h("div", {});
  place.append(h("a", { class: "back", href: `#/customers/${id}` }, icon("back"), "The customer"), content);
  await section(content, "the customer", () => findCustomer(id), (customer) => customer ? [
    pageHead(`Edit “${nameOfCustomer(customer)}”`, h("span", { class: "mono" }, customer.external_id)),
    customerForm({ customer, action: "Save changes", cancel: `#/customers/${id}`, send: (data, scopes) => sendChanges(customer, data, scopes) }),
  ] : notFound(`There is no customer ${id}, or it was deleted.`));
  content.querySelector("input")?.focus();
}

// send gets what was typed, and the scopes: null for no ceiling, undefined for as they are. It returns the customer.
function customerForm({ customer, first, action, cancel, send }) {
  const bounded = Boolean(customer?.scopes);
  const scopes = scopeGrid(settings.scopes.map(({ name }) => name), "The most that its keys open");
  scopes.setType("scoped", customer?.scopes ?? []);
  scopes.element.hidden = !bounded;
  const had = JSON.stringify(bounded ? scopes.chosen() : null); // without those that the catalogue no longer has
  return form({
    content: [
      first,
      field("name", "Name", input({ maxlength: 100, value: customer?.name, placeholder: "Acme Ltd." })),
      quotaFields(customer?.quota),
      limitFields(customer?.rate_limit, {}),
      choices("ceiling", "Scopes", [
        ["", "Those of each key", "Its keys open what you give them."],
        ["some", "Only some", "No key of the customer opens anything else, also one that it has already."],
      ], bounded ? "some" : "", (value) => { scopes.element.hidden = !value; }),
      scopes.element,
      metadataField(customer?.metadata ?? {}),
    ],
    keeps: true,
    action,
    cancel: h("a", { class: "button", href: cancel }, "Cancel"),
    submit: async (data) => {
      const chosen = data.get("ceiling") ? scopes.chosen() : null;
      if (chosen?.length === 0) throw invalid([{ field: "scopes", message: "Choose at least one scope, or no ceiling above" }]);
      const now = await send(data, JSON.stringify(chosen) === had ? undefined : chosen);
      forget(now.id);
      remember("customers", now);
      location.replace(`#/customers/${now.id}`);
    },
  });
}

async function sendChanges(customer, data, scopes) {
  const name = data.get("name").trim();
  const changes = {
    name: name === customer.name ? undefined : name || null,
    scopes,
    rate_limit: limitChanges(customer.rate_limit, data),
    quota: quotaChange(customer.quota, data),
    metadata: metadataChanges(customer.metadata, data),
  };
  if (Object.values(changes).every((value) => value === undefined)) {
    toast("Nothing was changed");
    return customer;
  }
  const now = await call("PATCH", customerPath(customer), changes);
  toast(`Saved “${nameOfCustomer(now)}”`);
  return now;
}
