// The site of the documents, opened from files and without a network.

import { test } from "node:test";
import assert from "node:assert/strict";
import { check } from "./axe.js";
import { newPage, required } from "./harness.js";

const SITE = `file://${required("SITE")}/`;

test("the search finds an error without a network, and leads to what to do", async (t) => {
  const page = await newPage(t, { base: SITE, offline: true });
  await page.goto(`${SITE}index.html`);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("ACCOUNT_DISABLED");
  await page.getByRole("option", { name: "ACCOUNT_DISABLED" }).first().click();
  await page.waitForURL(/errors\.html.*#account_disabled$/);
  await page.getByText("ask one; latchkey users enable or the dashboard enables it").waitFor();
});

for (const [colorScheme, width, height] of [["light", 1366, 900], ["dark", 390, 800]]) {
  test(`its pages are accessible, ${colorScheme}, ${width} wide`, async (t) => {
    const page = await newPage(t, { base: SITE, offline: true, colorScheme, viewport: { width, height } });
    for (const name of ["index", "concepts", "errors", "guides/rest-api", "reference/parameters", "reference/routes-customers"]) {
      await page.goto(`${SITE}${name}.html`);
      await page.locator("h1").first().waitFor();
      await check(page, name);
    }
  });
}

test("a picture of the concepts follows the reader's colours", async (t) => {
  const shown = async (colorScheme) => {
    const page = await newPage(t, { base: SITE, offline: true, colorScheme });
    await page.goto(`${SITE}images/request.svg`);
    return page.evaluate(() => getComputedStyle(document.querySelector("text")).fill);
  };
  assert.notEqual(await shown("light"), await shown("dark"));
});
