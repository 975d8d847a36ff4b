// The host's own back end: serves the page, and signs tokens for whoever is signed in here.
//   WS_CORS_ORIGIN=http://localhost:4000 npm run serve          the realtime server, elsewhere
//   npm run build -w examples/embed && JWT_SECRET=… npm start -w examples/embed
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";

const port = Number(process.env.PORT || 4000);
const realtimeUrl = process.env.MIRAGE_URL || "http://localhost:3001";
const secret = process.env.JWT_SECRET;
if (!secret) {
  console.error("Set JWT_SECRET to the realtime server's: its own setting, or `jwtSecret` in its data/secrets.json.");
  process.exit(1);
}

const pages = fileURLToPath(new URL("dist", import.meta.url));
const emoji = fileURLToPath(new URL(".", import.meta.resolve("emojibase-data/package.json")));
const mediaTypes: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

/** A real host reads its session cookie here. */
const me = { userId: "shop-42", username: "Ana" };

function signToken(): Promise<string> {
  const key = new TextEncoder().encode(secret);
  return new SignJWT(me).setProtectedHeader({ alg: "HS256" }).setExpirationTime("15m").sign(key);
}

function findFile(path: string): string | undefined {
  // Parsing the address has resolved every `..`: what is left does not lead out of either folder.
  const isEmoji = path.startsWith("/emoji/");
  const file = isEmoji ? join(emoji, path.slice("/emoji/".length)) : join(pages, path === "/" ? "index.html" : path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/session") {
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ realtimeUrl, me, token: await signToken() }));
    return;
  }
  const file = findFile(pathname);
  response.writeHead(file ? 200 : 404, { "content-type": mediaTypes[extname(file ?? "")] ?? "text/plain" });
  if (file) createReadStream(file).pipe(response);
  else response.end("Not found");
}).listen(port, "localhost", () => console.log(`The shop is at http://localhost:${port}`));
