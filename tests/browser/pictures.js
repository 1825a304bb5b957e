// Makes the README's pictures (npm run pictures), from a real stack with the data of a small shop.

import { test } from "node:test";
import { api, asAdmin, DASHBOARD, fillKey, must, newUser, settled, signedIn, tokenOf } from "./harness.js";
import { demo } from "./demo.js";

const IMAGES = new URL("../../docs/images/", import.meta.url).pathname;
const PEOPLE = [["ada", "member"], ["grace", "admin"], ["katherine", "member"], ["dorothy", "member"], ["annie", "member"]];
const DEVICES = ["Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1", "latchkey-cli (darwin)"];

async function shoot(page, name, route) {
  await page.goto(`${DASHBOARD}#${route}`);
  await page.locator("main h1").waitFor();
  await settled(page);
  await save(page, name);
}

const save = async (page, name) => page.screenshot({ path: `${IMAGES}${name}.png`, animations: "disabled", caret: "hide" });

test("pictures", async (t) => {
  const { user, keys, customers } = await demo("mira@example.com");
  for (const [name, role] of PEOPLE) await newUser({ role, email: `${name}@example.com` });
  const token = await asAdmin(), { users: [annie] } = await must("GET", "v1/users?search=annie", { token });
  await must("PATCH", `v1/users/${annie.id}`, { token, body: { disabled: true } });
  await must("DELETE", "v1/auth/sessions", { token: await tokenOf(user) });
  await api("POST", "v1/auth/login", { body: { ...user, password: "a wrong one" } });
  for (const device of DEVICES) await api("POST", "v1/auth/login", { body: user, headers: { "User-Agent": device } });

  for (const colorScheme of ["light", "dark"]) {
    const page = await signedIn(t, user, "/keys", { colorScheme, reducedMotion: "reduce" });
    await shoot(page, `key-${colorScheme}`, `/keys/${keys["ci-pipeline"].id}`);
    if (colorScheme === "dark") continue;
    await shoot(page, "keys", "/keys");
    await shoot(page, "customers", "/customers");
    await shoot(page, "usage", `/usage?of=${customers["acme-17"].project_id}`);
    await shoot(page, "account", "/account");
    await shoot(page, "users", "/users");
    await shoot(page, "edit", `/keys/${keys["ci-pipeline"].id}/edit`);
    await page.goto(`${DASHBOARD}#/keys/new`);
    await fillKey(page, "Nightly export");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Copy it now").waitFor();
    await save(page, "new-key");
  }
});
