// A list as a table: on a phone each row is a card, and its cells have the names of the columns.

import { button, h } from "./dom.js";
import { problemBox } from "./status.js";

// A row is a list of cells, the first of which is its head. A cell without a column's name is at the end.
export const listing = (caption, columns, rows, kind = "listing") =>
  h("div", { class: "card flush" }, h("table", { class: kind }, h("caption", { class: "visually-hidden" }, caption),
    h("thead", {}, h("tr", {}, columns.map((name) => name ? h("th", { scope: "col" }, name) : h("td", {})))),
    h("tbody", {}, rows.map((cells) => listRow(columns, cells)))));

const listRow = (columns, cells) => h("tr", {}, cells.map((cell, i) => i
  ? h("td", columns[i] ? { "data-label": columns[i] } : { class: "end" }, cell)
  : h("th", { scope: "row" }, cell)));

// Adds rows at the end of such a list, and returns the first of them.
export function addRows(table, columns, rows) {
  const added = rows.map((cells) => listRow(columns, cells));
  table.querySelector("tbody").append(...added);
  return added[0];
}

// A button that fetches more, and shows there what went wrong. fetchIt returns the first new row: it gets the focus.
export function moreButton(label, fetchIt) {
  const box = h("div", {});
  const go = button(label, async () => {
    go.disabled = true;
    problem.replaceChildren();
    try {
      (await fetchIt())?.querySelector("a")?.focus();
    } catch (error) {
      problem.replaceChildren(problemBox(error));
    }
    go.disabled = false;
  });
  const problem = h("div", {});
  box.append(go, problem);
  return box;
}
