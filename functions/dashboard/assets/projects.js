// Settings → Projects: a key opens one project, and takes its prefix from it.

import { call } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, copyable, h, icon, pageHead, toast } from "./dom.js";
import { field, form, input } from "./form.js";
import { moment } from "./format.js";
import { fetchProjects, remember } from "./keydata.js";
import { section } from "./status.js";

export async function projectsPage(place) {
  const list = h("div", {});
  const create = h("button", { type: "button", class: "button primary", onclick: () => createProject(load) }, icon("plus"), "Create project");
  place.append(pageHead("Projects", "A key opens everything in its project and nothing in another.", create), list);
  const load = () => section(list, "projects", fetchProjects, (projects) =>
    h("div", { class: "card flush" }, h("table", { class: "projects" }, h("caption", { class: "visually-hidden" }, "Projects, newest first"),
      h("thead", {}, h("tr", {}, ["Name", "Key prefix", "Created", "Id"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, projects.map((project) => h("tr", {},
        h("th", { scope: "row" }, project.name),
        h("td", { "data-label": "Key prefix", class: "mono" }, project.key_prefix),
        h("td", { "data-label": "Created" }, moment(project.created_at)),
        h("td", { "data-label": "Id" }, copyable(project.id))))))));
  await load();
}

function createProject(load) {
  const dialog = openDialog("Create a project", form({
    content: [
      field("name", "Name", input({ maxlength: 100, required: true, autofocus: true })),
      field("key_prefix", "Key prefix", input({ value: "gf_", maxlength: 16, class: "mono", autocapitalize: "none" }),
        "What the project's scoped keys start with: a small letter, then up to 14 small letters, digits and underscores, and an underscore at the end. Not sk_, ck_ or ro_, which other types of keys have."),
    ],
    action: "Create project",
    cancel: button("Cancel", () => dialog.close()),
    submit: async (data) => {
      remember("projects", await call("POST", "v1/projects", { name: data.get("name").trim(), key_prefix: data.get("key_prefix").trim() }));
      dialog.close();
      toast("Project created");
      load();
    },
  }));
}
