// The choice of the page, and the frame around it. Routes are after the #, so that the dashboard
// works at any address, and no route needs the server.

import { access, authorised, drawnForUser } from "./api.js";
import { createPage } from "./create.js";
import { h, icon, logo } from "./dom.js";
import { keyPage } from "./key.js";
import { keysPage } from "./keys.js";
import { projectsPage } from "./projects.js";
import { wipeSecret } from "./secret.js";
import { askToSignOut, sessionsPage } from "./sessions.js";
import { problemBox } from "./status.js";
import { usersPage } from "./users.js";

const ROUTES = [
  [/^\/keys$/, "API keys", keysPage, "keys"],
  [/^\/keys\/new$/, "Create a key", createPage, "keys"],
  [/^\/keys\/([0-9A-Za-z]{16})$/, "API key", keyPage, "keys"],
  [/^\/projects$/, "Projects", projectsPage, "projects"],
  [/^\/sessions$/, "Sessions", sessionsPage, "sessions"],
  [/^\/users$/, "Users", usersPage, "users"],
];

const SECTIONS = [["keys", "API keys", "key"], ["projects", "Projects", "folder"], ["sessions", "Sessions", "device"], ["users", "Users", "people"]];

function drawFrame() {
  drawnForUser();
  const links = SECTIONS.filter(([id]) => id !== "users" || access.user.role === "admin")
    .map(([id, label, sign]) => h("li", {}, h("a", { href: `#/${id}`, "data-section": id }, icon(sign), label)));
  document.getElementById("app").replaceChildren(
    h("a", { class: "skip", href: "#page", onclick: (event) => { event.preventDefault(); document.querySelector("h1")?.focus(); } }, "Skip to the page"),
    h("div", { class: "frame" },
      h("nav", { class: "side", "aria-label": "Settings" },
        h("div", { class: "brand" }, logo(), "Latchkey"),
        h("ul", {}, links),
        h("div", { class: "who" }, h("span", { class: "email", title: access.user.email }, access.user.email),
          h("button", { type: "button", class: "button quiet", onclick: askToSignOut }, icon("leave"), "Sign out"))),
      h("main", { class: "page", id: "page" })));
}

export function route() {
  wipeSecret();
  const path = location.hash.slice(1) || "/keys";
  const [form, title, draw, part] = ROUTES.find(([form]) => form.test(path)) ?? ROUTES[0];
  // Each page gets a new element. If a call of an old page ends late, it draws into an element
  // that is no longer shown.
  const place = h("main", { class: "page", id: "page" });
  document.getElementById("page").replaceWith(place);
  for (const link of document.querySelectorAll("[data-section]")) {
    if (link.dataset.section === part) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${title} · Latchkey`;
  draw(place, ...(form.exec(path)?.slice(1) ?? []));
  place.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

// Nobody sees the frame before they have signed in.
async function start() {
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

addEventListener("hashchange", () => { if (document.getElementById("page")) route(); });
start();
