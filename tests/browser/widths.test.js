// The list of keys at every width between a phone's and a desk's, with the longest label.

import { test } from "node:test";
import assert from "node:assert/strict";
import { must, newKey, newUser, settled, signedIn, tokenOf } from "./harness.js";

test("state and expiry are in sight at every width, with every label", async (t) => {
  const user = await newUser();
  await newKey(user, { name: "W".repeat(100), type: "secret", permissions: ["read:campaigns", "write:campaigns", "read:networks"], expires_at: new Date(Date.now() + 40 * 86400e3).toISOString() });
  const revoked = await newKey(user, { name: "an ordinary label of several words that is rather long", permissions: ["write:networks", "write:campaigns"] });
  await must("PUT", `api/v1/auth/api-keys/${revoked.id}/revoke`, { token: await tokenOf(user) });
  const page = await signedIn(t, user);
  await settled(page);
  for (let width = 721; width <= 1300; width += 20) {
    await page.setViewportSize({ width, height: 860 });
    const found = await page.evaluate(() => {
      const card = document.querySelector(".card.wide").getBoundingClientRect();
      const rights = [...document.querySelectorAll(".keys td[data-label=State] .badge, .keys td[data-label=Expires]")].map((each) => each.getBoundingClientRect().right);
      const type = document.querySelector(".keys td[data-label=Type]");
      const line = document.createRange();
      line.selectNodeContents(type);
      const wide = document.querySelector(".card.wide");
      return { hidden: wide.scrollWidth - wide.clientWidth, card: card.right, window: innerWidth, rights, lines: type.offsetParent ? line.getClientRects().length : 1 };
    });
    assert.equal(found.rights.length, 4);
    assert.equal(found.hidden, 0, `at ${width} px ${found.hidden} px of the table are out of sight`);
    for (const right of found.rights) {
      assert.ok(right <= found.card && right <= found.window, `at ${width} px a cell ends at ${right}, the card at ${found.card}`);
    }
    assert.equal(found.lines, 1, `at ${width} px the type is broken into ${found.lines} lines`);
  }
});
