// Writes src/openapi.ts, the types of every request and answer, from the OpenAPI document that the service serves.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = JSON.parse(await readFile(new URL("../../functions/openapi/openapi.json", import.meta.url), "utf8"));
const types = await openapiTS(document, { defaultNonNullable: false, alphabetize: true });
await writeFile(new URL("src/openapi.ts", import.meta.url), `// Made by generate.js; not in git.\n${astToString(types)}`);
