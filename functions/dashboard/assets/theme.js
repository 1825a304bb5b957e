// Light or dark: as the system has it, until somebody chooses. The choice is kept in this browser.

import { select } from "./form.js";

const NAME = "latchkey-theme";

// A browser that keeps nothing still shows the page.
const kept = () => { try { return localStorage.getItem(NAME) ?? ""; } catch { return ""; } };

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function themeChoice() {
  const choice = select([["", "System theme"], ["light", "Light"], ["dark", "Dark"]], {
    "aria-label": "Theme", class: "theme", value: kept(),
    onchange: () => {
      show(choice.value);
      try {
        if (choice.value) localStorage.setItem(NAME, choice.value);
        else localStorage.removeItem(NAME);
      } catch { /* it holds for this page */ }
    },
  });
  return choice;
}

show(kept());
