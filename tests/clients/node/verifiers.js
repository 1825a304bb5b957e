// Verifies tokens as an API would that trusts Latchkey: with jose and with aws-jwt-verify. Reads
// {issuer, access: {kind: token}, others: {kind: token}} and ends with 1 if either judges wrongly.
import { createRemoteJWKSet, jwtVerify } from "jose";
import { JwtVerifier } from "aws-jwt-verify";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { issuer, access, others } = JSON.parse(Buffer.concat(chunks));

const discovered = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const jwks = await (await fetch(discovered.jwks_uri)).json();
const remote = createRemoteJWKSet(new URL(discovered.jwks_uri));

const aws = JwtVerifier.create({ issuer, audience: "latchkey", jwksUri: discovered.jwks_uri });
aws.cacheJwks(jwks); // its own fetch takes https: only

const verifiers = {
  jose: (token) => jwtVerify(token, remote, { issuer, audience: "latchkey", typ: "at+jwt", requiredClaims: ["client_id", "jti", "iat"] }),
  "aws-jwt-verify": (token) => aws.verify(token),
};

let wrong = 0;
for (const [name, verify] of Object.entries(verifiers)) {
  for (const [kind, token] of Object.entries({ ...access, ...others })) {
    const wanted = kind in access;
    const problem = await verify(token).then(() => "", (error) => error.message);
    const right = wanted === (problem === "");
    console.log(`${right ? "ok" : "FAIL"}  ${name}: ${kind} ${problem === "" ? "accepted" : `refused: ${problem}`}`);
    wrong += right ? 0 : 1;
  }
}
process.exit(wrong ? 1 : 0);
