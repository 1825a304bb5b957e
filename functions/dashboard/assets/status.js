// What a page shows in place of data: loading, nothing there, refused, unreachable.

import { button, h, icon, pageHead } from "./dom.js";
import { plural } from "./format.js";
import { Offline, Refusal, SignedOut, explain } from "./problem.js";

const loading = (what) =>
  h("div", { class: "loading" }, h("span", { class: "visually-hidden", role: "status" }, `Loading ${what}…`),
    [1, 2, 3, 4].map(() => h("div", { class: "bone", "aria-hidden": "true" })));

export const empty = (title, text, ...actions) =>
  h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text), actions);

export const notFound = (text) => [
  pageHead("Not found", text),
  h("p", {}, h("a", { class: "button", href: "#/keys" }, "All API keys")),
];

// An error, with a way to continue. If the service said how long to wait, the seconds are counted
// down, and then retry is called if it may be repeated without asking.
export function problemBox(error, retry, { unasked = false } = {}) {
  const [title, text] = explain(error);
  const again = retry && button("Try again", retry);
  const countdown = h("span", { class: "figures" });
  const box = h("div", { class: "notice bad", role: "alert" }, icon("warning"),
    h("div", {}, h("strong", {}, title), h("p", {}, text, " ", countdown), again));
  if (error.retryAfter > 0) countDown(box, countdown, again, error.retryAfter, unasked && retry);
  return box;
}

function countDown(box, text, again, seconds, retry) {
  const end = Date.now() + seconds * 1000;
  if (again) again.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      text.textContent = `You can go on in ${plural(left, "second")}.`;
      return;
    }
    clearInterval(timer);
    text.textContent = "You can go on now.";
    if (again) again.disabled = false;
    if (retry && box.isConnected) retry();
  };
  const timer = setInterval(tick, 250);
  tick();
}

// Calls fetchIt and fills place with what draw makes of the result. Meanwhile it shows that it is
// loading, and after a failure the error.
export async function section(place, what, fetchIt, draw) {
  place.replaceChildren(loading(what));
  try {
    const found = await fetchIt();
    place.replaceChildren(...[draw(found)].flat());
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Offline || error instanceof SignedOut)) console.error(error);
    place.replaceChildren(problemBox(error, () => section(place, what, fetchIt, draw), { unasked: true }));
  }
}
