// Requests as bars, a bar for each hour or day: accepted ones, and on top of them the refused ones.

import { h, newID, s } from "./dom.js";
import { MINUTE, NUMBER, plural } from "./format.js";

export const HOURS = 48;
export const HOUR = 3600e3;

function byHour(entries, now = Date.now()) {
  const last = Math.floor(now / HOUR);
  const hours = Array.from({ length: HOURS }, (_, i) => ({ name: MINUTE.format((last - HOURS + 1 + i) * HOUR), passed: 0, refused: 0 }));
  for (const entry of entries) {
    const hour = hours[HOURS - 1 - (last - Math.floor(new Date(entry.at) / HOUR))];
    if (entry.action !== "used" || !hour) continue;
    hour.refused += entry.refusals ?? 0;
    hour.passed += (entry.count ?? 0) - (entry.refusals ?? 0);
  }
  return hours;
}

// Use of a key, by the entries of its log.
export const chart = (entries) => barChart("Use by the hour", byHour(entries), `in the last ${HOURS} hours`,
  [...[HOURS, HOURS * 0.75, HOURS / 2, HOURS / 4].map((ago) => `${ago} h ago`), "now"]);

const figuresOf = ({ name, passed, refused }) => `${name}: ${NUMBER.format(passed)} let through, ${NUMBER.format(refused)} refused`;

const CHART_HINT = "Point at a bar, or walk them with the arrow keys, for its figures.";

// bars are [{name, passed, refused}], when says of what time they are, and axis has the words under them. The figures
// of a bar are shown while the pointer is over it, and the arrow keys walk the bars.
export function barChart(title, bars, when, axis) {
  const sum = (what) => bars.reduce((n, bar) => n + bar[what], 0);
  const passed = sum("passed"), refused = sum("refused");
  const top = niceTop(Math.max(...bars.map((bar) => bar.passed + bar.refused)));
  const readout = h("p", { class: "hint figures", role: "status", id: newID() }, CHART_HINT);
  const drawn = bars.map((bar, i) => barOf(bar, i, top));
  let at = -1;
  const show = (i) => {
    drawn[at]?.classList.remove("shown");
    at = i;
    drawn[at]?.classList.add("shown");
    readout.textContent = at < 0 ? CHART_HINT : figuresOf(bars[at]);
  };
  drawn.forEach((bar, i) => bar.addEventListener("pointerenter", () => show(i)));
  const plot = s("svg", {
    viewBox: `0 0 ${bars.length * 10} 100`, preserveAspectRatio: "none", role: "img", tabindex: 0, "aria-describedby": readout.id,
    "aria-label": `${plural(passed + refused, "request")} ${when}, ${NUMBER.format(refused)} of them refused`,
    onkeydown: (event) => {
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      show(Math.min(Math.max(next, 0), bars.length - 1));
    },
    onblur: () => show(-1), onpointerleave: () => show(-1),
  }, drawn);
  return h("figure", { class: "card chart" },
    h("figcaption", { class: "row between" }, h("h2", {}, title),
      h("span", { class: "legend figures" },
        h("span", { class: "passed" }, `${NUMBER.format(passed)} let through`), h("span", { class: "refused" }, `${NUMBER.format(refused)} refused`))),
    h("div", { class: "plot" },
      h("div", { class: "scale figures", "aria-hidden": "true" }, h("span", {}, NUMBER.format(top)), h("span", {}, "0")),
      plot, passed + refused === 0 && h("p", { "aria-hidden": "true" }, `No request ${when}`)),
    h("div", { class: "axis figures", "aria-hidden": "true" }, axis.map((word) => h("span", {}, word))), readout);
}

function barOf(bar, i, top) {
  const passed = (bar.passed / top) * 98, refused = (bar.refused / top) * 98;
  return s("g", {}, s("title", {}, figuresOf(bar)),
    s("rect", { class: "hour", x: i * 10, y: 0, width: 10, height: 100 }),
    s("rect", { class: "passed", x: i * 10 + 1.5, y: 100 - passed, width: 7, height: passed }),
    s("rect", { class: "refused", x: i * 10 + 1.5, y: 100 - passed - refused, width: 7, height: refused }));
}

// The next of 1 to 6, 8, 10, 20, … that is high enough.
function niceTop(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= most);
}
