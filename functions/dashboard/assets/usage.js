// Usage: how often keys were used, of a project, a customer, a key or, for an administrator, the whole deployment.

import { access } from "./api.js";
import { barChart } from "./chart.js";
import { findCustomer, nameOfCustomer } from "./customerdata.js";
import { button, h, pageHead, s } from "./dom.js";
import { csv, download } from "./export.js";
import { select } from "./form.js";
import { MINUTE, NUMBER, plural } from "./format.js";
import { fetchProjects } from "./keydata.js";
import { listing } from "./listing.js";
import { readdress } from "./main.js";
import { Refusal } from "./problem.js";
import { problemBox, section } from "./status.js";
import { chosenProject, shownProjects } from "./switcher.js";
import { usageOf } from "./usagedata.js";

const LENGTHS = { hour: 3600e3, day: 86400e3 };
const last = (by, n) => () => {
  const end = (Math.floor(Date.now() / LENGTHS[by]) + 1) * LENGTHS[by];
  return [end - n * LENGTHS[by], end];
};
const month = (n) => Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + n, 1);
const TIMES = {
  "24h": ["Last 24 hours", "hour", last("hour", 24)], "168h": ["Last 7 days, by the hour", "hour", last("hour", 168)],
  "7d": ["Last 7 days", "day", last("day", 7)], "30d": ["Last 30 days", "day", last("day", 30)], "90d": ["Last 90 days", "day", last("day", 90)], "365d": ["Last 365 days", "day", last("day", 365)],
  "month": ["This month", "day", () => [month(0), month(1)]], "last-month": ["Last month", "day", () => [month(-1), month(0)]],
};
const GROUPS = { customer: "Customer", key: "API key", route: "Route", outcome: "Outcome", project: "Project" };
const inWords = (group) => group === "key" ? "API key" : group;
const MOST_PAGES = 8; // for one view; a file has all
const MOST_PROJECTS = 10; // added up

// Days are those of UTC, as the service counts them.
const UTC_DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const nameOfTime = (by, at) => by === "day" ? UTC_DAY.format(at) : MINUTE.format(at);

export async function usagePage(place, asked) {
  const [of = ""] = /^(?:(?:cus|prj)_[A-Z2-7]{26}|[0-9A-Za-z]{16})$/.exec(asked.get("of")) ?? [], content = h("div", {}), title = h("span", {});
  const view = { time: asked.get("time") in TIMES ? asked.get("time") : "30d", group: asked.get("group") in GROUPS ? asked.get("group") : "customer" };
  const choose = (name, label, options) => {
    const choice = select(options, { "aria-label": label, value: view[name], onchange: () => {
      view[name] = choice.value;
      readdress("/usage", { of, ...view, project: chosenProject() });
      load();
    } });
    return choice;
  };
  let loads = 0;
  const load = async () => {
    const mine = ++loads, part = h("div", {}); // an earlier choice that ends later draws into one that is gone
    content.replaceChildren(part);
    await section(part, "the usage", () => readUsage(of, view), (found) => {
      if (mine === loads) title.replaceChildren(...found.about);
      return usageView(found, view);
    });
  };
  place.append(pageHead("Usage", title), h("div", { class: "tools row" },
    choose("time", "Time", Object.entries(TIMES).map(([id, [label]]) => [id, label])),
    choose("group", "Group by", Object.entries(GROUPS).filter(([id]) => id !== "project" || access.user.role === "admin").map(([id]) => [id, `By ${inWords(id)}`]))), content);
  await load();
}

// Whose usage is shown: {subjects, about, deployment}.
async function subjectOf(of) {
  if (of.startsWith("cus_")) {
    const customer = await findCustomer(of);
    return { subjects: [{ customer_id: of }], about: ["Of ", h("a", { href: `#/customers/${of}` }, customer ? nameOfCustomer(customer) : of)] };
  }
  const projects = await fetchProjects(), named = (id) => projects.find((project) => project.id === id)?.name ?? id;
  if (of.startsWith("prj_")) return { subjects: [{ project_id: of }], about: [`Of the project ${named(of)}`] };
  if (of) return { subjects: [{ key_id: of }], about: ["Of the key ", h("a", { class: "mono", href: `#/keys/${of}` }, of)] };
  if (!chosenProject() && access.user.role === "admin") return { subjects: [{ project_id: "*" }], about: ["Of the whole deployment"], deployment: true };
  const shown = shownProjects(projects);
  if (shown.length > MOST_PROJECTS) throw new Refusal(422, { detail: `You have ${shown.length} projects: choose one.` });
  return { subjects: shown.map(({ id }) => ({ project_id: id })), about: [shown.length === 1 ? `Of the project ${shown[0].name}` : `Of your ${shown.length} projects together`] };
}

async function readUsage(of, { time, group }) {
  const whose = await subjectOf(of), [, by, between] = TIMES[time], [from, to] = between();
  const grouped = group === "project" && !whose.deployment ? "customer" : group;
  const query = { by, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const read = (more) => usageOf(whose.subjects, { ...query, ...more }, (rows, pages) => pages < MOST_PAGES);
  const [sums, groups] = await Promise.all([read(), read({ group: grouped })]);
  return { ...whose, of, by, from, to, query, grouped, sums, groups };
}

function usageView(found, view) {
  const { by, from, to, sums, groups, grouped } = found;
  const counts = new Map(sums.rows.map((row) => [Date.parse(row.start), row]));
  const bars = [];
  for (let at = from; at < to; at += LENGTHS[by]) {
    const { requests = 0, refusals = 0 } = counts.get(at) ?? {};
    bars.push({ name: nameOfTime(by, at), passed: requests - refusals, refused: refusals });
  }
  const used = bars.filter((bar) => bar.passed + bar.refused > 0);
  const ends = [bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)].map((bar) => bar.name);
  return [
    barChart(by === "day" ? "Requests by the day" : "Requests by the hour", bars, TIMES[view.time][0].toLowerCase().replace(/^last/, "in the last"), ends),
    h("details", { class: "under" }, h("summary", {}, "The figures of the chart"),
      used.length ? listing("Requests, oldest first", [by === "day" ? "Day, UTC" : "Hour", "Let through", "Refused"], used.map((bar) => [bar.name, NUMBER.format(bar.passed), NUMBER.format(bar.refused)])) : h("p", { class: "hint" }, "No request in this time.")),
    h("section", { class: "under" }, h("div", { class: "row between" }, h("h2", {}, `By ${inWords(grouped)}`), csvButton(found)),
      !(sums.complete && groups.complete) && h("p", { class: "hint" }, "This is not all: choose a shorter time, or save the CSV, which has everything."),
      groups.groups.length ? groupTable(groups.groups, grouped) : h("p", { class: "hint" }, "No request in this time. Requests are counted within a minute.")),
  ];
}

function groupTable(groups, grouped) {
  const most = Math.max(...groups.map(({ requests }) => requests)), SHOWN_GROUPS = 100;
  return [listing(`Requests by ${inWords(grouped)}, most first`, [GROUPS[grouped], "Requests", "Refused", ""], groups.slice(0, SHOWN_GROUPS).map((group) => [
    groupName(group, grouped), NUMBER.format(group.requests), h("span", { class: group.refusals ? "refusals" : "faint" }, NUMBER.format(group.refusals)),
    s("svg", { class: "gauge", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { class: "left", width: (group.requests / most) * 100, height: 6 })),
  ])), groups.length > SHOWN_GROUPS && h("p", { class: "hint" }, `The ${SHOWN_GROUPS} with the most, of ${NUMBER.format(groups.length)}. The CSV has all.`)].filter(Boolean);
}

function groupName({ group, name, external_id: external }, grouped) {
  const linked = (route, text) => [h("a", { href: `#${route}` }, text), external && external !== text && h("span", { class: "hint" }, external)];
  if (grouped === "customer") return group ? linked(`/customers/${group}`, name || external || group) : "Of no customer";
  if (grouped === "key") return linked(`/keys/${group}`, name || group);
  if (grouped === "project") return linked(`/usage?of=${group}`, name || group);
  if (grouped === "outcome") return group === "allowed" ? "Let through" : h("span", { class: "mono" }, group);
  return group ? h("span", { class: "mono" }, group) : "Not kept: a wrong secret";
}

function csvButton({ subjects, query, grouped, of, by, from }) {
  const status = h("span", { class: "faint figures", role: "status" }), problem = h("div", {});
  const go = button("Save CSV", async () => {
    go.disabled = true;
    problem.replaceChildren();
    try {
      const { rows, groups } = await usageOf(subjects, { ...query, group: grouped }, (n) => { status.textContent = `${plural(n, "row")} so far…`; return go.isConnected; });
      const names = new Map(groups.map((group) => [group.group, group]));
      if (go.isConnected) download(`usage-${of || "latchkey"}-${new Date(from).toISOString().slice(0, 10)}-by-${by}.csv`, "text/csv", csv([["start", grouped, "name", "external_id", "requests", "refusals"],
        ...rows.map((row) => [row.start, row.group, names.get(row.group)?.name, names.get(row.group)?.external_id, row.requests, row.refusals])]));
    } catch (error) {
      problem.replaceChildren(problemBox(error));
    }
    status.textContent = "";
    go.disabled = false;
  }, { class: "button small" });
  return h("div", { class: "export" }, h("div", { class: "row" }, status, go), problem);
}
