// The host's own back end: serves the page, and signs tokens for whoever is signed in here.
//   WS_CORS_ORIGIN=http://localhost:4001 npm run serve          the realtime server, elsewhere
//   npm run build -w examples/codemirror && JWT_SECRET=… npm start -w examples/codemirror
//   http://localhost:4001/?name=Ana and http://localhost:4001/?name=Bo   two people in one document
import { createHmac } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const port = Number(process.env.PORT || 4001);
const realtimeUrl = process.env.MIRAGE_URL || "http://localhost:3001";
const secret = process.env.JWT_SECRET;
if (!secret) {
  console.error("Set JWT_SECRET to the realtime server's: its own setting, or `jwtSecret` in its data/secrets.json.");
  process.exit(1);
}

const pages = fileURLToPath(new URL("dist", import.meta.url));
const mediaTypes: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** A real host reads its session cookie here, and believes nobody's address. */
function signedIn(address: URL): { userId: string; username: string } {
  const username = (address.searchParams.get("name") || "Ana").slice(0, 64);
  return { userId: `notes-${username.toLowerCase()}`, username };
}

/** A JWT, which is two parts of JSON and a signature over them. */
function signToken(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 15 * 60;
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, exp })}`;
  return `${signed}.${createHmac("sha256", secret ?? "")
    .update(signed)
    .digest("base64url")}`;
}

function findFile(path: string): string | undefined {
  // Parsing the address has resolved every `..`: what is left does not lead out of the folder.
  const file = join(pages, path === "/" ? "index.html" : path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

createServer((request, response) => {
  const address = new URL(request.url ?? "/", "http://localhost");
  if (address.pathname === "/session") {
    const me = signedIn(address);
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ realtimeUrl, me, token: signToken(me) }));
    return;
  }
  const file = findFile(address.pathname);
  response.writeHead(file ? 200 : 404, { "content-type": mediaTypes[extname(file ?? "")] ?? "text/plain" });
  if (file) createReadStream(file).pipe(response);
  else response.end("Not found");
}).listen(port, "localhost", () => console.log(`The notes are at http://localhost:${port}`));
