// Keeps package-lock.json complete for every platform (`npm run lockfile`; `--check` only looks).
// `npm install` leaves out optional packages of other platforms where its registry does not have them or where
// node_modules is there already; `npm ci` then refuses the lockfile. Such an entry needs no more than name, version and
// platform: it is never fetched on any other.
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  version?: string;
  dev?: boolean;
  license?: string;
  optional?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems: Readonly<Record<string, string>> = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  fsevents: "darwin",
  linux: "linux",
  linuxmusl: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
};
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32"];

const lock: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const { packages } = lock;
const added: string[] = [];
const unclear: string[] = [];
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!isResolved(path, name)) add(path, name, range);
  }
}

if (Object.keys(packages).length < 50) unclear.push("package-lock.json: hardly anything was read");
for (const problem of unclear) console.error(problem);
if (added.length > 0 && process.argv.includes("--check")) {
  console.error(
    `package-lock.json lacks ${added.length} optional packages, so \`npm ci\` refuses it: npm run lockfile`,
  );
} else if (added.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync("package-lock.json", `${JSON.stringify(lock, undefined, 2)}\n`);
}
console.log(
  `${Object.keys(packages).length} packages, ${added.length} ${process.argv.includes("--check") ? "missing" : "added"}`,
);
if (unclear.length > 0 || (added.length > 0 && process.argv.includes("--check"))) process.exitCode = 1;

/** Looks where Node would: beside the package, then upwards. */
function isResolved(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`]) return true;
    if (!at.includes("/node_modules/")) return packages[`node_modules/${name}`] !== undefined;
  }
}

function add(path: string, name: string, range: string): void {
  const version = range.replace(/^[~^]/, "");
  const words = name.split(/[@/.-]/);
  const os = words.flatMap((word) => systems[word] ?? []).slice(0, 1);
  const cpu = processors.filter((processor) => words.includes(processor)).slice(0, 1);
  if (!/^\d+\.\d+\.\d+/.test(version) || (os.length === 0 && cpu.length === 0)) {
    unclear.push(`${path} wants ${name} ${range}: add it by hand`);
    return;
  }
  const isMusl = words.some((word) => word.includes("musl"));
  const folder = path.slice(0, path.lastIndexOf("node_modules/"));
  packages[`${folder}node_modules/${name}`] = {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(packages[path]?.dev ? { dev: true } : {}),
    ...(name === "fsevents" ? { hasInstallScript: true } : {}),
    ...(os[0] === "linux" ? { libc: [isMusl ? "musl" : "glibc"] } : {}),
    ...(packages[path]?.license ? { license: packages[path].license } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
  added.push(name);
}
