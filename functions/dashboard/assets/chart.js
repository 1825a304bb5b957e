// Use of a key by the hour, as bars: accepted requests, and on top of them the refused ones.

import { h, s } from "./dom.js";
import { MINUTE, NUMBER, plural } from "./format.js";

export const HOURS = 48;
export const HOUR = 3600e3;

function byHour(entries, now = Date.now()) {
  const last = Math.floor(now / HOUR);
  const hours = Array.from({ length: HOURS }, (_, i) => ({ start: (last - HOURS + 1 + i) * HOUR, passed: 0, refused: 0 }));
  for (const entry of entries) {
    const hour = hours[HOURS - 1 - (last - Math.floor(new Date(entry.at) / HOUR))];
    if (entry.action !== "used" || !hour) continue;
    hour.refused += entry.refusals ?? 0;
    hour.passed += (entry.count ?? 0) - (entry.refusals ?? 0);
  }
  return hours;
}

export function chart(entries) {
  const hours = byHour(entries);
  const sum = (what) => hours.reduce((n, hour) => n + hour[what], 0);
  const passed = sum("passed"), refused = sum("refused");
  const top = niceTop(Math.max(...hours.map((hour) => hour.passed + hour.refused)));
  const total = `${plural(passed + refused, "request")} in the last ${HOURS} hours, ${NUMBER.format(refused)} of them refused`;
  return h("figure", { class: "card chart" },
    h("figcaption", { class: "row between" }, h("h2", {}, "Use by the hour"),
      h("span", { class: "legend figures" },
        h("span", { class: "passed" }, `${NUMBER.format(passed)} let through`), h("span", { class: "refused" }, `${NUMBER.format(refused)} refused`))),
    h("div", { class: "plot" },
      h("div", { class: "scale figures", "aria-hidden": "true" }, h("span", {}, NUMBER.format(top)), h("span", {}, "0")),
      s("svg", { viewBox: `0 0 ${HOURS * 10} 100`, preserveAspectRatio: "none", role: "img", "aria-label": total },
        hours.map((hour, i) => bar(hour, i, top))),
      passed + refused === 0 && h("p", { "aria-hidden": "true" }, `No request in the last ${HOURS} hours`)),
    h("div", { class: "axis figures", "aria-hidden": "true" },
      [HOURS, HOURS * 0.75, HOURS / 2, HOURS / 4].map((ago) => h("span", {}, `${ago} h ago`)), h("span", {}, "now")));
}

function bar(hour, i, top) {
  const passed = (hour.passed / top) * 98, refused = (hour.refused / top) * 98;
  const title = s("title", {}, `${MINUTE.format(hour.start)}: ${hour.passed} let through, ${hour.refused} refused`);
  return s("g", {}, title,
    s("rect", { class: "hour", x: i * 10, y: 0, width: 10, height: 100 }),
    s("rect", { class: "passed", x: i * 10 + 1.5, y: 100 - passed, width: 7, height: passed }),
    s("rect", { class: "refused", x: i * 10 + 1.5, y: 100 - passed - refused, width: 7, height: refused }));
}

// The next of 1, 2, 5, 10, 20, 50, … that is high enough.
function niceTop(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most);
}
