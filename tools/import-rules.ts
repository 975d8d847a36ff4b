// Who may import whom. A file belongs to the first layer whose pattern matches it; it may import its own layer and
// those it names. Tests may import anything. `tools/check-imports.ts` holds every file to this.

export interface Layer {
  name: string;
  /** Regular expression on the path from the root of the repository. */
  files: string;
  mayImport: readonly string[];
}

const server = "^packages/server/src";

export const layers: readonly Layer[] = [
  { name: "protocol", files: "^packages/protocol/", mayImport: [] },
  // What a document may hold, and how it becomes Markdown and HTML.
  { name: "documents", files: "^packages/documents/", mayImport: ["protocol"] },
  { name: "client", files: "^packages/client/", mayImport: ["protocol"] },
  { name: "react", files: "^packages/react/", mayImport: ["client", "documents", "protocol"] },
  { name: "web server", files: "^apps/web/server", mayImport: ["server door", "web"] },
  { name: "web", files: "^apps/web/", mayImport: ["react", "client", "protocol"] },
  // Measures a part of the road by itself.
  {
    name: "commit bench",
    files: "^bench/(commit|documents/long)/",
    mayImport: ["tools", "testing", "server core", "server feature", "server adapters", "server database"],
  },
  // Says what must be, by the pure rules of the product.
  {
    name: "fault oracles",
    files: "^faults/due-records\\.ts$",
    mayImport: ["protocol", "server feature", "server core"],
  },
  // What a host application would write: nothing but the packages' doors.
  { name: "examples", files: "^examples/", mayImport: ["react", "client", "server door"] },
  {
    name: "tools",
    files: "^(tools|bench|faults)/",
    mayImport: [
      "protocol",
      "client",
      "testing",
      "server door",
      "server adapters",
      "server config",
      "server database",
      "server ports",
      "commit bench",
      "fault oracles",
    ],
  },
  {
    name: "testing",
    files: "^packages/testing/",
    mayImport: ["protocol", "client", "server door", "server config", "server database", "server ports"],
  },

  {
    name: "server door",
    files: `${server}/(index|main)\\.ts$`,
    mayImport: ["server compose", "server edge", "server database", "server ports", "server config", "server lib"],
  },
  {
    name: "server compose",
    files: `${server}/(compose|after-commit)[^/]*\\.ts$`,
    mayImport: [
      "server edge",
      "server adapters",
      "server feature",
      "server core",
      "server database",
      "server ports",
      "server config",
      "server lib",
    ],
  },
  {
    name: "server edge",
    files: `${server}/(gateway|http)/`,
    mayImport: ["server feature", "server core", "server database", "server ports", "server config", "server lib"],
  },
  {
    name: "server adapters",
    files: `${server}/adapters/`,
    mayImport: ["server database", "server ports", "server config", "server lib"],
  },
  {
    name: "server feature",
    files: `${server}/features/`,
    mayImport: ["documents", "server core", "server database", "server ports", "server config", "server lib"],
  },
  {
    name: "server core",
    files: `${server}/(hot-path|access)/`,
    mayImport: ["server database", "server ports", "server config", "server lib"],
  },
  { name: "server database", files: `${server}/database/`, mayImport: ["server ports", "server config", "server lib"] },
  { name: "server ports", files: `${server}/ports/`, mayImport: ["server config", "server lib"] },
  { name: "server config", files: `${server}/config/`, mayImport: ["server lib"] },
  { name: "server lib", files: `${server}/lib/`, mayImport: [] },
];

/** Every part of the server speaks the wire contract. */
export const knownToAll: readonly string[] = ["protocol"];

/** Packages that one place alone may know, so that changing them changes that place. */
export const ownedPackages: readonly { packages: string; owner: string }[] = [
  {
    packages: "^(postgres|@electric-sql/pglite|drizzle-orm)($|/)",
    owner: `${server}/database/|^packages/testing/|^bench/(peers|documents)/`,
  },
  {
    packages: "^(socket\\.io|socket\\.io-adapter|socket\\.io-parser|engine\\.io|ws)($|/)",
    owner: `${server}/gateway/|^bench/peers/`,
  },
  { packages: "^(yjs|y-protocols|@tiptap|y-codemirror)($|[./])", owner: "/documents/|^examples/codemirror/" },
  { packages: "^socket\\.io-client($|/)", owner: "^packages/(client|testing)/|^(tools|bench|faults)/" },
  { packages: "^(react|react-dom|next)($|/)", owner: "^packages/react/|^apps/web/|^examples/" },
];

/** Files that look at the whole from outside. */
export const testFiles =
  "\\.(test|test-d|contract|fuzz)\\.tsx?$|/e2e/|/src/(testing|threats)/|/open-test-[^/]*\\.ts$|\\.config\\.[cm]?[jt]s$";
