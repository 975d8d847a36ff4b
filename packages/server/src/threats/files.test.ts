import { readdirSync } from "node:fs";
import { join } from "node:path";
import { requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { download, drawPicture, upload, urlOf } from "../features/files/open-test-files.ts";

let it: TestServer;
let mallory: TestSocket;
beforeAll(async () => {
  it = await startTestServer();
  mallory = await it.connect("mallory");
});
afterAll(() => it.close());

const script = "<script>top.stolen = document.cookie</script>";
const page = `<!doctype html><html><body>${script}</body></html>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`;

/** How a browser is told to treat what was uploaded. */
async function treatmentOf(file: { bytes: Uint8Array | string; name: string; type: string }) {
  const { file: stored } = await upload(it, "mallory", file);
  const answer = await download(it, (await urlOf(mallory, stored.id))?.url ?? "");
  const header = (name: string) => answer.headers.get(name);
  return {
    type: header("content-type"),
    isSaved: header("content-disposition")?.startsWith("attachment;") === true,
    isSandboxed: header("content-security-policy") === "sandbox; default-src 'none'",
    isSniffed: header("x-content-type-options") !== "nosniff",
    reach: header("cross-origin-resource-policy"),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

describe("[FILE-2] [S42] what could run is never shown, whatever it calls itself", () => {
  const documents = [
    ["image/svg+xml", "a.svg", svg],
    ["image/png", "a.png", svg],
    ["text/html", "a.html", page],
    ["text/plain", "a.txt", page],
    ["application/xml", "a.xml", `<?xml version="1.0"?><a xmlns:h="http://www.w3.org/1999/xhtml">${script}</a>`],
    ["application/xhtml+xml", "a.xhtml", `\ufeff${page}`],
    ["text/javascript", "a.js", "alert(1)"],
    ["application/pdf", "a.pdf", "%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n%%EOF"],
    ["application/x-shockwave-flash", "a.swf", "FWS\u0006 anything"],
    ["text/cache-manifest", "a.appcache", "CACHE MANIFEST\n/"],
    ["", "index.html", page],
  ] as const;
  for (const [type, name, bytes] of documents) {
    test(`${name} as ${type || "nothing"}`, async () => {
      const treatment = await treatmentOf({ bytes, name, type });
      expect(treatment).toMatchObject({ isSaved: true, isSandboxed: true, isSniffed: false, reach: "same-origin" });
      expect(treatment.type).not.toMatch(/html|xml|svg|script/);
    });
  }
});

describe("[FILE-2] [FILE-3] [S42] of a picture nothing but the picture is left", () => {
  const hosts = [
    [
      "jpeg",
      () =>
        drawPicture(60, 40)
          .withExif({ IFD0: { ImageDescription: page } })
          .jpeg()
          .toBuffer(),
    ],
    [
      "png",
      () =>
        drawPicture(60, 40)
          .withExif({ IFD0: { ImageDescription: page } })
          .png()
          .toBuffer(),
    ],
    ["gif", () => drawPicture(60, 40).gif().toBuffer()],
    [
      "webp",
      () =>
        drawPicture(60, 40)
          .withExif({ IFD0: { ImageDescription: page } })
          .webp()
          .toBuffer(),
    ],
  ] as const;
  for (const [kind, draw] of hosts) {
    test(`a ${kind} with a page inside and behind it`, async () => {
      const polyglot = Buffer.concat([await draw(), Buffer.from(page)]);
      const treatment = await treatmentOf({ bytes: polyglot, name: "a.html", type: "text/html" });
      expect(treatment.body.includes("<script>")).toBe(false);
      expect(treatment).toMatchObject({ type: `image/${kind}`, isSaved: false, isSandboxed: true, isSniffed: false });
    });
  }

  test("a GIF that is a script too", async () => {
    const bytes = Buffer.from("GIF89a/*\u0000\u0000\u0000\u0000\u0000*/=1;alert(1)//");
    expect(await treatmentOf({ bytes, name: "a.gif", type: "image/gif" })).toMatchObject({
      type: "application/octet-stream",
      isSaved: true,
    });
  });

  test("a sound with a page in its tags is shown as a sound alone", async () => {
    const bytes = Buffer.concat([
      Buffer.from("ID3\u0004\u0000\u0000\u0000\u0000\u0000\u0000", "latin1"),
      Buffer.from(page),
    ]);
    const treatment = await treatmentOf({ bytes, name: "a.mp3", type: "text/html" });
    expect(treatment.type).toMatch(/^(audio\/mpeg|application\/octet-stream)$/);
    expect(treatment).toMatchObject({ isSandboxed: true, isSniffed: false });
  });
});

test("[FILE-2] [S43] no name leads anywhere: not on the disk, not in a header", async () => {
  const before = readdirSync(it.storage.dataDir).sort();
  const names = [
    "../../../../tmp/x",
    "/etc/passwd",
    "..%2f..%2fx",
    "..\\..\\x",
    "a\u0000.png",
    "CON",
    "a\r\nSet-Cookie: stolen=1",
    `"; filename="x.html`,
    "．．／x",
    "x".repeat(5_000),
  ];
  for (const name of names) {
    const { status, file } = await upload(it, "mallory", { bytes: "x", name });
    expect(status).toBe(201);
    expect([...file.name].length).toBeLessThanOrEqual(200);
    const answer = await download(it, (await urlOf(mallory, file.id))?.url ?? "");
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="[^"]*"; filename\*=UTF-8''\S*$/);
  }
  expect(readdirSync(it.storage.dataDir).sort()).toEqual(before);
  const kept = readdirSync(join(it.storage.dataDir, "files"), { recursive: true }).map(String);
  for (const path of kept) expect(path).toMatch(/^(incoming|[0-9a-f]{2}(\/[0-9a-f]{32}(-thumbnail|-preview)?)?)$/);
});

test("[FILE-4] [S16] [S19] to a stranger somebody's file is one that does not exist", async () => {
  const ann = await it.connect("ann");
  const { room } = await requestOk(ann, "create_room", { name: "secret", type: "private" });
  const { file } = await upload(it, "ann", { bytes: await drawPicture(9, 9).png().toBuffer(), name: "a.png" });
  const { message } = await requestOk(ann, "chat_message", {
    roomId: room.id,
    content: "",
    attachments: [{ fileId: file.id }],
  });
  expect(message.attachments).toHaveLength(1);
  const asked = await requestOk(mallory, "get_file_urls", {
    fileIds: [file.id, "00000000-0000-7000-8000-000000000000"],
  });
  expect(asked.urls).toEqual([]);
  for (const query of [
    "",
    "?variant=original&expires=9999999999&signature=",
    "?variant=original&expires=x&signature=x",
  ]) {
    const [theirs, nobodys] = await Promise.all(
      [file.id, "00000000-0000-7000-8000-000000000000"].map(async (id) => {
        const answer = await download(it, `/files/${id}${query}`);
        return [answer.status, await answer.text()];
      }),
    );
    expect(theirs).toEqual(nobodys);
    expect(theirs?.[0]).toBe(403);
  }
});
