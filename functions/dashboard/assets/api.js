// Calls to the API, and the credential that they carry.
//
//   access token   in this variable only; gone with the page
//   refresh token  in an HttpOnly cookie, which scripts cannot read and which is sent to
//                  <base>/api/auth alone; the server turns it over at each refresh
//   HINT           in localStorage: whether somebody is signed in here; no secret. It saves
//                  the sign-in page a refused call, and tells other tabs of a sign-out

import { Offline, refusalOf } from "./problem.js";
import { askToSignIn } from "./signin.js";
import { forgetTyped } from "./unsaved.js";

export const settings = JSON.parse(document.getElementById("settings").textContent);
export const base = new URL("./", location.href.split(/[?#]/)[0]); // wherever the API hangs, stage and all
const HINT = `latchkey:signed-in:${base.pathname}`;

export let access = null; // {token, renewAt, user}
let renewing = null; // the one renewal that all calls wait for
export let shownTo = null; // the user whom the page was drawn for

// Sends a request and reads its JSON answer: {body, response}. Throws Offline or Refusal.
async function send(method, path, body, token) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, answer;
  try {
    response = await fetch(new URL(path, base), {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store", redirect: "error",
    });
    if (response.ok) answer = response.status === 204 ? null : await response.json();
  } catch {
    throw new Offline(method !== "GET");
  }
  if (!response.ok) throw await refusalOf(response);
  return answer;
}

// A call as the user. A token that has expired, or a session that was ended elsewhere, is
// renewed on the way: silently where the cookie allows it, else by asking to sign in.
export async function call(method, path, body) {
  for (let attempt = 1; ; attempt++) {
    const token = await authorised();
    try {
      return await send(method, path, body, token);
    } catch (error) {
      // A 401 comes before anything is done, so a second try repeats nothing.
      if (error.status !== 401 || attempt === 3) throw error;
      if (access?.token === token) access = null;
    }
  }
}

export function authorised() {
  if (access && Date.now() < access.renewAt) return access.token;
  renewing ??= renew().finally(() => { renewing = null; });
  return renewing;
}

// The page was drawn for the user who is now signed in.
export function drawnForUser() { shownTo = access.user; }

async function renew() {
  if (localStorage.getItem(HINT) !== "1" || !(await refresh())) await askToSignIn();
  if (!shownTo || shownTo.id === access.user.id) return access.token;
  // Somebody else has signed in, here or in another tab. What one user began must not stay on the
  // screen, and must not be done as another user.
  forgetTyped();
  location.reload();
  return new Promise(() => {});
}

// Exchanges the cookie for a token; false if there is no session to go on with. One tab at
// a time: the token in the cookie is good for one exchange.
async function refresh() {
  const exchange = async () => {
    try {
      accept(await send("POST", "api/auth/refresh", { cookie: true }));
      return true;
    } catch (error) {
      if (error.status !== 401 && error.status !== 403) throw error;
      localStorage.setItem(HINT, "0"); // not removed: other tabs may have things typed in them
      access = null;
      return false;
    }
  };
  return navigator.locks ? navigator.locks.request(HINT, exchange) : exchange();
}

// A call that needs no credential.
export const post = (path, body) => send("POST", path, body);

// A call with a token that opens that call and little else.
export const postAs = (token, path, body) => send("POST", path, body, token);

// Signs in. What is still needed comes back for an account with a second factor, {mfa_token, methods}, and for
// one that must have one first, {mfa_setup_token}.
export async function signIn(email, password) {
  const answer = await send("POST", "api/auth/login", { email, password, cookie: true });
  if (answer.mfa_required || answer.mfa_setup_required) return answer;
  accept(answer);
  return null;
}

// At this path a browser takes the cookie for the refresh.
export const signInSecond = async (token, proof) => accept(await send("POST", "api/auth/mfa", { mfa_token: token, ...proof, cookie: true }));
export const signInAlone = async (proof) => accept(await send("POST", "api/auth/passkey", { ...proof, cookie: true }));

// Ends the session on the server. Then the page is loaded again, and forgets the rest.
export async function signOut() {
  if ((access && Date.now() < access.renewAt) || await refresh()) {
    try {
      await send("POST", "api/auth/logout", undefined, access.token);
    } catch (error) {
      if (error.status !== 401) throw error; // it is over already
    }
  }
  localStorage.removeItem(HINT);
  forgetTyped();
  location.reload();
}

// Renewal is due while the token is still good: some seconds before its end, or for a
// short-lived one at three quarters of its life.
function accept(pair) {
  const life = pair.expires_in * 1000;
  const claims = JSON.parse(new TextDecoder().decode(
    Uint8Array.from(atob(pair.access_token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0))));
  access = {
    token: pair.access_token,
    renewAt: Date.now() + Math.max(life * 0.75, life - 60_000),
    user: { id: claims.id, email: claims.email, role: claims.role, session: claims.sid, scopes: claims.scope.split(" ") },
  };
  localStorage.setItem(HINT, "1");
}

// The user signed out in another tab, so this one must not go on showing data.
addEventListener("storage", (event) => {
  if (event.key === HINT && event.newValue === null && access) location.reload();
});

// A call that may be too long for one answer: it is repeated until it is done, and say is told how far it is.
export async function untilDone(method, path, body, say) {
  for (let total = 0; ;) {
    try {
      return await call(method, path, body);
    } catch (error) {
      if (!error.progress) throw error;
      total += Object.values(error.progress).reduce((sum, n) => sum + n, 0);
      say(`${total} done so far; going on…`);
      await new Promise((done) => setTimeout(done, error.retryAfter * 1000));
    }
  }
}

// Every item of a paged list, a page at a time: onPage gets the items so far and whether
// more will come, and may return false to have no more.
export async function each(path, field, onPage) {
  const items = [];
  let cursor = "";
  do {
    const page = await call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page[field]);
    cursor = page.next_cursor ?? "";
    if (onPage(items, cursor !== "") === false) return items;
  } while (cursor);
  return items;
}
