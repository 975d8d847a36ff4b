import type { FileUrl, UploadedFile } from "@mirage/protocol";
import { requestOk, type TestServer, type TestSocket } from "@mirage/testing";
import sharp, { type Sharp } from "sharp";

/** What an upload was answered with. */
export interface UploadAnswer {
  status: number;
  file: UploadedFile;
  error?: { code: string; message: string };
}

export const bearerOf = (server: TestServer, user: string) => ({
  authorization: `Bearer ${server.signToken({ userId: user, username: user })}`,
});

/** Uploads as a browser does it: the bytes are the body. */
export async function upload(
  server: TestServer,
  user: string,
  file: { bytes: Uint8Array | string; name?: string; type?: string },
): Promise<UploadAnswer> {
  const { bytes, name = "file.bin", type } = file;
  const response = await fetch(`${server.url}/api/v1/files?${new URLSearchParams({ name })}`, {
    method: "POST",
    headers: { ...bearerOf(server, user), ...(type === undefined ? {} : { "content-type": type }) },
    // Node hands out no shared memory here, which is what the types fear.
    body: bytes as Uint8Array<ArrayBuffer> | string,
  });
  return { status: response.status, ...((await response.json()) as Omit<UploadAnswer, "status">) };
}

/** Where somebody gets a file; undefined where they do not. */
export async function urlOf(socket: TestSocket, fileId: string): Promise<FileUrl | undefined> {
  return (await requestOk(socket, "get_file_urls", { fileIds: [fileId] })).urls[0];
}

export const download = (server: TestServer, url: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${url}`, { headers });

/** A picture of one colour. */
export function drawPicture(width: number, height: number, background = "#c04080"): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** A GIF of some frames, each of another colour. */
export async function drawGif(side: number, frameCount: number): Promise<Buffer> {
  const frames = Array.from({ length: frameCount }, (_, index) =>
    drawPicture(side, side, `rgb(${index * 40}, 90, 200)`)
      .png()
      .toBuffer(),
  );
  return await sharp(await Promise.all(frames), { join: { animated: true } })
    .gif({ delay: 100 })
    .toBuffer();
}
