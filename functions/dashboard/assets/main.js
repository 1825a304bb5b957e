// The choice of the page, and the frame around it. Routes are after the #, so that the dashboard
// works at any address, and no route needs the server.

import { accountPage } from "./account.js";
import { access, authorised, base, drawnForUser } from "./api.js";
import { createPage } from "./create.js";
import { customerPage } from "./customer.js";
import { createCustomerPage, editCustomerPage } from "./customerform.js";
import { customersPage } from "./customers.js";
import { closeDialogs, confirmDialog } from "./dialog.js";
import { h, icon, logo, toast } from "./dom.js";
import { editPage } from "./edit.js";
import { keyPage } from "./key.js";
import { keysPage } from "./keys.js";
import { projectsPage } from "./projects.js";
import { drawOutside, isOutside } from "./reset.js";
import { searchButton } from "./search.js";
import { keepsSecret, wipeSecret } from "./secret.js";
import { askToSignOut } from "./sessions.js";
import { notFound, problemBox } from "./status.js";
import { chooseProject, chosenProject, projectSwitcher } from "./switcher.js";
import { themeChoice } from "./theme.js";
import { forgetTyped, keepsTyped } from "./unsaved.js";
import { usagePage } from "./usage.js";
import { userPage } from "./user.js";
import { usersPage } from "./users.js";

const ROUTES = [
  [/^\/keys$/, "API keys", keysPage, "keys"],
  [/^\/keys\/new$/, "Create a key", createPage, "keys"],
  [/^\/keys\/([0-9A-Za-z]{16})$/, "API key", keyPage, "keys"],
  [/^\/keys\/([0-9A-Za-z]{16})\/edit$/, "Edit a key", editPage, "keys"],
  [/^\/customers$/, "Customers", customersPage, "customers"],
  [/^\/customers\/new$/, "Create a customer", createCustomerPage, "customers"],
  [/^\/customers\/(cus_[A-Z2-7]{26})$/, "Customer", customerPage, "customers"],
  [/^\/customers\/(cus_[A-Z2-7]{26})\/edit$/, "Edit a customer", editCustomerPage, "customers"],
  [/^\/usage$/, "Usage", usagePage, "usage"],
  [/^\/projects$/, "Projects", projectsPage, "projects"],
  [/^\/(?:account|sessions)$/, "Account", accountPage, "account"],
  [/^\/users$/, "Users", usersPage, "users"],
  [/^\/users\/(usr_[A-Z2-7]{26})$/, "User", userPage, "users"],
];
const NOWHERE = [/^/, "Not found", (place) => place.append(...notFound("There is no such page.")), ""];

const open = (part) => part !== "users" || access.user.role === "admin";
const SECTIONS = [["keys", "API keys", "key"], ["customers", "Customers", "shop"], ["usage", "Usage", "bars"], ["projects", "Projects", "folder"], ["account", "Account", "person"], ["users", "Users", "people"]];

function drawFrame() {
  drawnForUser();
  const links = SECTIONS.filter(([id]) => open(id))
    .map(([id, label, sign]) => h("li", {}, h("a", { href: `#/${id}`, "data-section": id }, icon(sign), label)));
  document.getElementById("app").replaceChildren(
    h("a", { class: "skip", href: "#page", onclick: (event) => { event.preventDefault(); document.querySelector("h1")?.focus(); } }, "Skip to the page"),
    h("div", { class: "frame" },
      h("nav", { class: "side", "aria-label": "Settings" },
        h("div", { class: "brand" }, logo(), "Latchkey"),
        searchButton(), projectSwitcher(),
        h("ul", {}, links),
        h("div", { class: "who" }, h("span", { class: "email", title: access.user.email }, access.user.email),
          themeChoice(),
          h("a", { class: "button quiet", href: new URL("openapi.json", base).href, target: "_blank", rel: "noopener" }, icon("book"), "API document"),
          h("button", { type: "button", class: "button quiet", onclick: askToSignOut }, icon("leave"), "Sign out"))),
      h("main", { class: "page", id: "page" })));
}

let shown = ""; // the address of the page that is drawn

// The lists of what is in a project.
const LISTS = ["/keys", "/customers", "/usage"];

// Draws the page of the address. project is what a list is to show from now on, if it was just chosen.
export function route({ project } = {}) {
  const [listed, sent] = (location.hash.slice(1) || "/keys").split("?", 2);
  if (LISTS.includes(listed)) {
    const words = new URLSearchParams(sent), wanted = project ?? words.get("project");
    if (project === undefined && wanted !== null) chooseProject(wanted);
    if (wanted !== null || chosenProject()) readdress(listed, { ...Object.fromEntries(words), ...(project !== undefined && { of: "" }), project: chosenProject() });
  } else if (project !== undefined) return toast("The lists show it from now on");
  wipeSecret();
  closeDialogs();
  shown = location.hash;
  const [path, words] = (shown.slice(1) || "/keys").split("?", 2);
  const [form, title, draw, part] = ROUTES.find(([form, , , part]) => form.test(path) && open(part)) ?? NOWHERE;
  // Each page gets a new element. If a call of an old page ends late, it draws into an element
  // that is no longer shown.
  const place = h("main", { class: "page", id: "page" });
  document.getElementById("page").replaceWith(place);
  for (const link of document.querySelectorAll("[data-section]")) {
    if (link.dataset.section === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${title} · Latchkey`;
  draw(place, ...(form.exec(path)?.slice(1) ?? []), new URLSearchParams(words));
  place.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

// The address of a page that shows something else now, without drawing it again.
export function readdress(path, values) {
  const words = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
  shown = `#${path}${words && `?${words}`}`;
  history.replaceState(null, "", shown);
}

// Nobody sees the frame before they have signed in.
async function start() {
  if (isOutside(location.hash)) return drawOutside();
  const app = document.getElementById("app");
  try {
    await authorised();
  } catch (error) {
    app.replaceChildren(h("main", { class: "sign-in" }, h("div", { class: "brand" }, logo(), "Latchkey"), problemBox(error, start, { unasked: true })));
    return;
  }
  drawFrame();
  route();
}

// A key that was neither copied nor stored is lost with its page, and so is what was typed and not saved: the page
// comes back, and asks.
function leave() {
  const wanted = location.hash;
  if (wanted === shown || !(keepsSecret() || keepsTyped())) return route();
  history.replaceState(null, "", shown);
  closeDialogs();
  confirmDialog({
    ...keepsSecret()
      ? { title: "Leave without the key?", text: ["You have not copied it, and it is not shown again."], agree: "Leave without it" }
      : { title: "Leave without saving?", text: ["What you have typed is lost."], agree: "Leave without saving" },
    does: async () => { wipeSecret(); forgetTyped(); },
    then: () => { location.hash = wanted; },
  });
}

addEventListener("hashchange", ({ oldURL }) => {
  if (isOutside(location.hash) || isOutside(new URL(oldURL).hash)) return location.reload();
  if (document.getElementById("page") && location.hash !== shown) leave();
});
start();
