// Passkeys: what the browser asks its authenticators, in the JSON of WebAuthn.

import { Refusal } from "./problem.js";

export const passkeys = Boolean(globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON);

async function credential(ask) {
  try {
    return (await ask()).toJSON();
  } catch {
    throw new Refusal(0, { detail: "The browser gave no passkey: it was cancelled, there is none, or this one is registered already" });
  }
}

export const askPasskey = (options) => credential(() =>
  navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

export const makePasskey = (options) => credential(() =>
  navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
