// Elements. Text becomes text nodes and attributes stay attributes, so nothing that somebody
// typed is ever read as markup; the page's policy (Trusted Types) forbids anything else.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  if (attributes?.value != null && "value" in element) element.value = attributes.value; // of a select: after its options
  return element;
}

// h("a", {href: "#/keys", onclick: f}, "Keys") — children are nodes, texts, lists of them, or nothing.
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const ICONS = {
  key: "M9 15.4a3.4 3.4 0 1 1 3.2-4.4H20v3h-2v-1.6h-5.8A3.4 3.4 0 0 1 9 15.4z",
  shop: "M4 10v9.5h16V10M3 10l2-5.5h14l2 5.5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0M10 19.5v-5h4v5",
  bars: "M4 20h16M6.5 16.5v-5M12 16.5V5M17.5 16.5v-8",
  folder: "M4 7.5V18h16V8.5h-8l-2-2H4z",
  person: "M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM5 20c0-3.6 3.1-5.8 7-5.8s7 2.2 7 5.8",
  people: "M9 11.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19c0-3 2.4-5 5.5-5s5.5 2 5.5 5M15.5 5.8a3 3 0 0 1 0 5.4M17 14.4c2.1.6 3.5 2.3 3.5 4.6",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 16.5a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15 15l5 5",
  copy: "M9 9h10v11H9zM15 9V5H5v11h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warning: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.2",
  book: "M5 4.5h5.5A1.5 1.5 0 0 1 12 6v13.5H5zM19 4.5h-5.5A1.5 1.5 0 0 0 12 6v13.5h7z",
  back: "M14.5 6l-6 6 6 6",
  forward: "M9.5 6l6 6-6 6",
  leave: "M14 5H5v14h9M10 12h10m-3.5-3.5L20 12l-3.5 3.5",
};

export const icon = (name) =>
  s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, s("path", { d: ICONS[name] }));

export const logo = () =>
  s("svg", { class: "logo", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("rect", { width: 24, height: 24, rx: 6 }), s("circle", { cx: 9, cy: 12, r: 3.4 }), s("path", { d: "M12.4 12H19m-2.6 0v3" }));

let lastID = 0;
export const newID = () => `e${++lastID}`;

export const button = (label, onclick, attributes) => h("button", { type: "button", class: "button", onclick, ...attributes }, label);

export function pageHead(title, about, ...actions) {
  return h("header", { class: "page-head" },
    h("div", {}, h("h1", { tabindex: -1 }, title), h("p", { class: "about" }, about)),
    h("div", { class: "row actions" }, actions));
}

// Shows a text for a moment, and lets screen readers read it.
export function toast(text) {
  const note = h("div", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

// A button that copies what text() gives when it is pressed, and then calls done.
export function copyButton(text, label = "Copy", attributes = {}, done = () => {}) {
  const caption = h("span", {}, label);
  return h("button", {
    type: "button", class: "button", ...attributes,
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
        done();
        caption.textContent = "Copied";
        toast("Copied to the clipboard");
        setTimeout(() => { caption.textContent = label; }, 2500);
      } catch {
        toast("The browser did not allow copying; select the text and copy it yourself");
      }
    },
  }, icon("copy"), caption);
}

export const copyable = (id) => h("span", {}, h("span", { class: "mono" }, id), " ", copyButton(() => id, "Copy id", { class: "button small" }));
