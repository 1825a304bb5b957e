// Usage as its page shows it: the sums that the service has, a page at a time, of one or of several subjects.

import { call } from "./api.js";

// Adds up what the service says of each subject, which is a set of its parameters, such as {project_id}. onPage gets
// the number of rows so far and of pages, and may return false to have no more.
// Returns {rows: [{start, group, requests, refusals}], groups: [{group, name, external_id, requests, refusals}], complete}.
export async function usageOf(subjects, query, onPage) {
  const rows = new Map(), groups = new Map();
  let pages = 0, complete = true;
  for (const subject of subjects) {
    let cursor = "";
    do {
      const page = await call("GET", `v1/usage?${new URLSearchParams({ ...query, ...subject, ...(cursor && { cursor }) })}`);
      for (const row of page.usage) add(rows, `${row.start} ${row.group}`, row);
      for (const group of page.groups) add(groups, group.group, group);
      cursor = page.next_cursor ?? "";
      if (onPage(rows.size, ++pages) === false) complete = !cursor && subject === subjects.at(-1);
    } while (cursor && complete);
    if (!complete) break;
  }
  return { rows: [...rows.values()], groups: [...groups.values()].sort((a, b) => b.requests - a.requests), complete };
}

function add(sums, id, { requests, refusals, ...rest }) {
  const sum = sums.get(id) ?? { ...rest, requests: 0, refusals: 0 };
  sum.requests += requests;
  sum.refusals += refusals;
  sums.set(id, sum);
}
