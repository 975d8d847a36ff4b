// Locks the wire contract as it is now (`npm run protocol:lock`). What a client can see may change only on purpose:
// the change needs a line in the history in version.ts. `--draft`: the current version has not been released yet.
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { describeWire } from "../packages/protocol/src/describe.ts";

const goldenPath = new URL("../packages/protocol/src/golden/protocol.json", import.meta.url);
const historyPath = new URL("../packages/protocol/src/golden/history.txt", import.meta.url);
const versionSource = readFileSync(new URL("../packages/protocol/src/version.ts", import.meta.url), "utf8");

const description: unknown = JSON.parse(JSON.stringify(describeWire()));
const history = versionSource.match(/^ \* - .*$/gm)?.join("\n") ?? "";
const isDraft = process.argv.includes("--draft");

if (isDeepStrictEqual(description, read(goldenPath, JSON.parse))) {
  console.log("The wire contract is locked as it is.");
} else if (!isDraft && history === read(historyPath, (text) => text.trimEnd())) {
  console.error(
    "The wire contract has changed and packages/protocol/src/version.ts does not say so.\n" +
      "Add a line to its history (and raise protocolVersion if an older client or server would notice), then run this again.",
  );
  process.exitCode = 1;
} else {
  writeFileSync(goldenPath, `${JSON.stringify(description, undefined, 2)}\n`);
  writeFileSync(historyPath, `${history}\n`);
  console.log("Locked. Run `npm run docs` too: the documentation is made from the same declarations.");
}

function read<Result>(path: URL, parse: (text: string) => Result): Result | undefined {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
