// The project whose things the lists show: one of the user's, or all. It stands in the address of a list, so that a
// link keeps it, and is kept for the tab.

import { h, toast } from "./dom.js";
import { select } from "./form.js";
import { route } from "./main.js";

const KEPT_PROJECT = "latchkey-project";

// A browser that keeps nothing still shows the page.
let inTab = "";
try { inTab = sessionStorage.getItem(KEPT_PROJECT) ?? ""; } catch { /* all projects */ }

// Its id, or "" for all.
export const chosenProject = () => inTab;

export function chooseProject(id) {
  inTab = id;
  choice.value = id;
  try { sessionStorage.setItem(KEPT_PROJECT, id); } catch { /* it holds for this page */ }
}

const choice = select([], {
  "aria-label": "Project shown",
  onchange: () => {
    chooseProject(choice.value);
    route({ project: inTab });
  },
});
const box = h("div", { class: "switcher", hidden: true }, choice);

export const projectSwitcher = () => box;

// Offers the projects of the user, and those of a link are all if it names another's.
export function offerProjects(projects) {
  box.hidden = projects.length < 2;
  choice.replaceChildren(...[{ id: "", name: "All projects" }, ...projects].map(({ id, name }) => h("option", { value: id }, name)));
  if (inTab && !projects.some(({ id }) => id === inTab)) {
    chooseProject("");
    toast("That project is none of yours: all are shown");
  }
  choice.value = inTab;
  return projects;
}

// Those of the projects whose things are shown.
export const shownProjects = (projects) => projects.filter(({ id }) => !inTab || id === inTab);
