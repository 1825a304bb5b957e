// The first call with a key, in four languages, with this deployment's address. The key itself is only in the shell's
// line, while the page shows it: it belongs in the environment, and not in a source file.

import { base } from "./api.js";
import { copyButton, h, newID } from "./dom.js";
import { copied } from "./secret.js";

const api = base.href.replace(/\/$/, "");

const SAMPLES = {
  curl: (prefix, key) => `export LATCHKEY_API_KEY='${key || `${prefix}…`}'   # your key

curl ${api}/v1/auth/me \\
  -H "Authorization: Bearer $LATCHKEY_API_KEY"`,

  TypeScript: (prefix) => `// LATCHKEY_API_KEY holds your key, ${prefix}…
const answer = await fetch("${api}/v1/auth/me", {
  headers: { Authorization: \`Bearer \${process.env.LATCHKEY_API_KEY}\` },
});
if (!answer.ok) throw new Error((await answer.json()).error_code);
console.log(await answer.json());`,

  Python: (prefix) => `# LATCHKEY_API_KEY holds your key, ${prefix}…
import json, os, urllib.request

request = urllib.request.Request(
    "${api}/v1/auth/me",
    headers={"Authorization": "Bearer " + os.environ["LATCHKEY_API_KEY"]},
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer))`,

  Go: (prefix) => `// LATCHKEY_API_KEY holds your key, ${prefix}…
req, err := http.NewRequest("GET", "${api}/v1/auth/me", nil)
if err != nil {
	log.Fatal(err)
}
req.Header.Set("Authorization", "Bearer "+os.Getenv("LATCHKEY_API_KEY"))
res, err := http.DefaultClient.Do(req)
if err != nil {
	log.Fatal(err)
}
defer res.Body.Close()
io.Copy(os.Stdout, res.Body)`,
};

// panel is that of the key, while it is shown.
export function quickStart(masked, panel) {
  const prefix = masked.replace(/•+$/, "");
  const code = h("code", {});
  let chosenLanguage;
  const pane = h("pre", { id: newID(), class: "sample", role: "tabpanel", tabindex: 0 }, code);
  const tabs = Object.entries(SAMPLES).map(([language, sample]) =>
    h("button", { type: "button", id: newID(), role: "tab", "aria-controls": pane.id, onclick: () => choose(language) }, language));
  const languages = Object.keys(SAMPLES);
  const choose = (language) => {
    tabs.forEach((tab, i) => {
      const chosen = languages[i] === language;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) pane.setAttribute("aria-labelledby", tab.id);
    });
    chosenLanguage = language;
    code.textContent = SAMPLES[language](prefix, panel?.secret());
  };
  panel?.addEventListener("wiped", () => choose(chosenLanguage));
  // Arrow keys walk the tabs, as the ARIA pattern has it.
  const walk = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (tabs.indexOf(event.target) + step + tabs.length) % tabs.length;
    choose(languages[next]);
    tabs[next].focus();
  };
  choose("curl");
  return h("section", { class: "card quick" },
    h("div", { class: "row between" }, h("h2", {}, "Quick start"), copyButton(() => code.textContent, "Copy", { class: "button small" }, () => chosenLanguage === "curl" && copied())),
    h("div", { class: "tabs", role: "tablist", "aria-label": "Language", onkeydown: walk }, tabs), pane);
}
