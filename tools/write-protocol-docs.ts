// `npm run docs`: writes what is made from the declarations.
import { writeFileSync } from "node:fs";
import { describeProtocol } from "../packages/protocol/src/describe.ts";
import { renderProtocol } from "./protocol-docs.ts";

writeFileSync("docs/protocol.md", renderProtocol(describeProtocol()));
console.log("docs/protocol.md is written.");
