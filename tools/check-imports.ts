// Holds every import to the table in import-rules.ts; also: no cycles, nothing unresolvable. Fails when it read nothing.
import { existsSync } from "node:fs";
import { cruise, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";
import extractTypeScriptConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { knownToAll, type Layer, layers, ownedPackages, testFiles } from "./import-rules.ts";

const ours = "^(packages|apps|examples|tools|bench|faults)/";
const roots = ["packages", "apps", "examples", "tools", "bench", "faults"].filter((folder) => existsSync(folder));
const sharedByAll = layers.filter((layer) => knownToAll.includes(layer.name)).map((layer) => layer.files);

function layerRule(layer: Layer, index: number): IForbiddenRuleType {
  const earlier = layers.slice(0, index).map((other) => other.files);
  const allowed = layers.filter((other) => layer.mayImport.includes(other.name)).map((other) => other.files);
  const unknown = layer.mayImport.filter((name) => !layers.some((other) => other.name === name));
  if (unknown.length > 0)
    throw new Error(`import-rules.ts: "${layer.name}" names unknown layers: ${unknown.join(", ")}`);
  return {
    name: `${layer.name} may import ${layer.mayImport.join(", ") || "nothing of ours"}`,
    severity: "error",
    from: { path: layer.files, pathNot: [testFiles, ...earlier] },
    to: { path: ours, pathNot: [layer.files, ...allowed, ...(layer.name === "protocol" ? [] : sharedByAll)] },
  };
}

const forbidden: IForbiddenRuleType[] = [
  ...layers.map(layerRule),
  {
    name: "features never import each other",
    severity: "error",
    from: { path: "^packages/server/src/features/([^/]+)/", pathNot: testFiles },
    to: { path: "^packages/server/src/features/", pathNot: "^packages/server/src/features/$1/" },
  },
  {
    name: "only compose.ts knows an adapter",
    severity: "error",
    from: { path: "^packages/server/src/", pathNot: [testFiles, "/compose[^/]*\\.ts$", "/adapters/"] },
    to: { path: "^packages/server/src/adapters/" },
  },
  {
    name: "protocol depends on zod alone",
    severity: "error",
    from: { path: "^packages/protocol/", pathNot: testFiles },
    to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-no-pkg", "core"], pathNot: "node_modules/zod/" },
  },
  ...ownedPackages.map(({ packages, owner }) => ({
    name: `${packages} is known in ${owner} alone`,
    severity: "error" as const,
    from: { path: ours, pathNot: [testFiles, owner] },
    to: { path: packages.replace(/^\^/, "node_modules/").replace("($|/)", "/") },
  })),
  {
    name: "no cycles",
    severity: "error",
    from: { pathNot: testFiles },
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  { name: "every import resolves", severity: "error", from: { path: ours }, to: { couldNotResolve: true } },
];

const { output } = await cruise(
  roots,
  {
    ruleSet: { forbidden },
    validate: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(\\.next|dist)/|next-env\\.d\\.ts$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".json", ".css", ".d.ts"],
    },
  },
  {},
  { tsConfig: extractTypeScriptConfig("tsconfig.json") },
);
report(output as ICruiseResult);

function report({ summary, modules }: ICruiseResult): void {
  const read = modules.filter((module) => new RegExp(ours).test(module.source) && !module.couldNotResolve);
  const imports = read.reduce((sum, module) => sum + module.dependencies.length, 0);
  if (read.length < 50 || imports < 100) {
    console.error(`Only ${read.length} files with ${imports} imports were read: the check itself is broken.`);
    process.exitCode = 1;
    return;
  }
  for (const { rule, from, to } of summary.violations) console.error(`${from} → ${to}\n    ${rule.name}`);
  console.log(`${read.length} files, ${imports} imports, ${summary.violations.length} against the rules`);
  if (summary.violations.length > 0) process.exitCode = 1;
}
