import { requestOk, startTestServer, type TestServer, type TestSocket } from "@mirage/testing";
import sharp, { type SharpOptions } from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { download, drawGif, drawPicture, type UploadAnswer, upload, urlOf } from "./open-test-files.ts";

let it: TestServer;
let ann: TestSocket;
beforeAll(async () => {
  it = await startTestServer();
  ann = await it.connect("ann");
});
afterAll(() => it.close());

const give = async (bytes: Uint8Array, name: string, type: string) => await upload(it, "ann", { bytes, name, type });
const fetchBytes = async (url = "") => Buffer.from(await (await download(it, url)).arrayBuffer());
const kept = async ({ file }: UploadAnswer) => fetchBytes((await urlOf(ann, file.id))?.url);

test("[FILE-3] a photograph loses where it was taken and everything else it says, and stands upright", async () => {
  const exif = { IFD0: { Copyright: "secret-words" }, IFD3: { GPSLatitude: "52/1 31/1 0/1", GPSLatitudeRef: "N" } };
  const photo = await drawPicture(400, 200).withExif(exif).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const before = await sharp(photo).metadata();
  expect([before.orientation, before.exif?.includes("secret-words")]).toEqual([6, true]);
  const answer = await give(photo, "IMG_1.jpg", "image/jpeg");
  expect(answer.file).toMatchObject({ type: "image/jpeg", width: 200, height: 400 });
  const bytes = await kept(answer);
  const after = await sharp(bytes).metadata();
  expect([after.width, after.height, after.orientation, after.exif]).toEqual([200, 400, undefined, undefined]);
  expect(bytes.includes("secret-words")).toBe(false);
  expect(bytes.length).toBe(answer.file.size);
});

test("[FILE-3] of a large picture small ones are made, of a small one none", async () => {
  const answer = await give(await drawPicture(2_600, 1_300).png().toBuffer(), "large.png", "image/png");
  expect(answer.file.thumbnails).toEqual([
    { width: 320, height: 160 },
    { width: 1_280, height: 640 },
  ]);
  const urls = await urlOf(ann, answer.file.id);
  const sizes = await Promise.all(
    [urls?.thumbnailUrl, urls?.previewUrl, urls?.url].map(async (url) => sharp(await fetchBytes(url)).metadata()),
  );
  expect(sizes.map(({ width, height, format }) => [width, height, format])).toEqual([
    [320, 160, "webp"],
    [1_280, 640, "webp"],
    [2_600, 1_300, "png"],
  ]);
  const small = await give(await drawPicture(300, 10).png().toBuffer(), "small.png", "image/png");
  expect(small.file).not.toHaveProperty("thumbnails");
  expect(Object.keys((await urlOf(ann, small.file.id)) ?? {}).sort()).toEqual(["expiresAt", "fileId", "url"]);
});

test("[FILE-3] each kind of picture stays what it is, and what moves keeps moving", async () => {
  const gif = await drawGif(400, 4);
  const still = [
    ["image/png", await drawPicture(50, 40).png().toBuffer()],
    ["image/jpeg", await drawPicture(50, 40).jpeg().toBuffer()],
    ["image/webp", await drawPicture(50, 40).webp().toBuffer()],
    ["image/avif", await drawPicture(50, 40).avif().toBuffer()],
  ] as const;
  for (const [type, bytes] of still) {
    expect((await give(bytes, "a", "")).file).toMatchObject({ type, width: 50, height: 40 });
  }
  for (const [type, bytes] of [
    ["image/gif", gif],
    ["image/webp", await sharp(gif, { animated: true }).webp().toBuffer()],
  ] as const) {
    const answer = await give(bytes, "moving", type);
    expect(answer.file).toMatchObject({ type, width: 400, height: 400, thumbnails: [{ width: 320, height: 320 }] });
    const small = await fetchBytes((await urlOf(ann, answer.file.id))?.thumbnailUrl);
    for (const moving of [await kept(answer), small]) expect((await sharp(moving).metadata()).pages).toBe(4);
  }
});

test("[FILE-3] [S35] what only looks like a picture, or is too large as one, is a plain file as it came", async () => {
  const png = await drawPicture(50, 40).png().toBuffer();
  const jpeg = await drawPicture(50, 40).jpeg().toBuffer();
  const flood = await drawPicture(12_000, 8_000, "#fff").png({ compressionLevel: 9 }).toBuffer();
  expect(flood.length).toBeLessThan(1024 ** 2);
  const cases = [
    ["cut off", png.subarray(0, png.length - 20)],
    ["a signature", Buffer.concat([png.subarray(0, 8), Buffer.from("<script>alert(1)</script>")])],
    ["cut jpeg", jpeg.subarray(0, 200)],
    ["a flood of pixels", flood],
    ["a lying header", withWidth(png, 100_000_000)],
  ] as const;
  for (const [name, bytes] of cases) {
    const answer = await give(bytes, name, "image/png");
    expect(answer.file).toEqual({ id: answer.file.id, name, type: "application/octet-stream", size: bytes.length });
    const shown = await download(it, (await urlOf(ann, answer.file.id))?.url ?? "");
    expect(shown.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(Buffer.from(await shown.arrayBuffer()).equals(bytes)).toBe(true);
  }
});

test("[FILE-3] while pictures are made, messages are answered", async () => {
  await requestOk(ann, "join_room", { roomId: "general" });
  const noise = await sharp({
    create: { width: 3_000, height: 2_000, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 60 } },
  } as SharpOptions)
    .jpeg()
    .toBuffer();
  let isDone = false;
  const uploads = Promise.all([1, 2, 3].map((i) => give(noise, `${i}.jpg`, "image/jpeg"))).finally(() => {
    isDone = true;
  });
  const waits: number[] = [];
  while (!isDone) {
    const startedAt = performance.now();
    await requestOk(ann, "chat_message", { roomId: "general", content: "still here" });
    waits.push(performance.now() - startedAt);
  }
  for (const { file } of await uploads) expect(file).toMatchObject({ width: 3_000, height: 2_000 });
  expect(waits.length).toBeGreaterThan(20);
  // Far below what one picture takes, and far above what a busy machine adds.
  expect(waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.9)]).toBeLessThan(150);
});

/** A PNG that says another width than it has. */
function withWidth(png: Buffer, width: number): Buffer {
  const lying = Buffer.from(png);
  lying.writeUInt32BE(width, 16);
  return lying;
}
