/** Your API, guarded, and who may call it. */
export interface Credentials {
  /** Of the first API of the template. */
  url: string;
  /** Of each API, by its logical id. */
  urls: Record<string, string>;
  latchkeyUrl: string;
  issuer: string;
  audience: string;
  /** Every scope but admin. */
  key: string;
  /** Of a project. */
  secretKey: string;
  /** write:events only. */
  clientKey: string;
  /** read:* only. */
  readOnlyKey: string;
  expiredKey: string;
  revokedKey: string;
  /** Of a user who is no administrator. */
  userToken: string;
  expiredToken: string;
  adminToken: string;
  userEmail: string;
  userPassword: string;
  adminEmail: string;
  adminPassword: string;
}

const PREFIX = "LATCHKEY_";
const API = `${PREFIX}GUARDED_URL_`;

/** Reads the variables of the env file. Returns undefined where they are not. */
export function fromVariables(variables: Record<string, string | undefined>): Credentials | undefined {
  const of = (name: string): string => variables[PREFIX + name] ?? "";
  if (!of("GUARDED_URL")) return undefined;
  const urls: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (name.startsWith(API)) urls[name.slice(API.length)] = value ?? "";
  return {
    url: of("GUARDED_URL"), urls, latchkeyUrl: of("URL"), issuer: of("ISSUER"), audience: of("AUDIENCE"),
    key: of("KEY"), secretKey: of("SECRET_KEY"), clientKey: of("CLIENT_KEY"), readOnlyKey: of("READ_ONLY_KEY"),
    expiredKey: of("EXPIRED_KEY"), revokedKey: of("REVOKED_KEY"),
    userToken: of("USER_TOKEN"), expiredToken: of("EXPIRED_TOKEN"), adminToken: of("ADMIN_TOKEN"),
    userEmail: of("USER_EMAIL"), userPassword: of("USER_PASSWORD"), adminEmail: of("ADMIN_EMAIL"), adminPassword: of("ADMIN_PASSWORD"),
  };
}
