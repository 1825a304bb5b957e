// Settings → Projects: a key opens one project, and takes its prefix from it.

import { access, call } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, copyable, h, icon, pageHead, toast } from "./dom.js";
import { field, form, input, select } from "./form.js";
import { moment } from "./format.js";
import { fetchProjects, remember } from "./keydata.js";
import { listing } from "./listing.js";
import { section } from "./status.js";
import { chosenProject } from "./switcher.js";

export async function projectsPage(place) {
  const list = h("div", {});
  const create = h("button", { type: "button", class: "button primary", onclick: () => createProject(load) }, icon("plus"), "Create project");
  place.append(pageHead("Projects", "A key opens everything in its project and nothing in another.", create), list);
  const load = () => section(list, "projects", fetchProjects, (projects) =>
    listing("Projects, newest first", ["Name", "Key prefix", "Created", "Id"], projects.map((project) =>
      [project.name, h("span", { class: "mono" }, project.key_prefix), moment(project.created_at), copyable(project.id)])));
  await load();
}

// The field that chooses one of the user's projects: at first the one whose things the lists show.
export function projectField(projects, hint) {
  const sameNames = new Set(projects.map((project) => project.name)).size < projects.length;
  const project = select(projects.map((each) => [each.id, `${each.name} (${each.key_prefix}…)${sameNames ? ` ${each.id.slice(-4)}` : ""}`]));
  project.value = chosenProject() || `prj_${access.user.id.slice(4)}`; // a user's first, as where none is named
  if (!project.value) project.selectedIndex = 0;
  return field("project_id", "Project", project, hint);
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
