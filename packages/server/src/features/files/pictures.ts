/**
 * Makes a picture anew from its pixels: what else was in the file (EXIF with its GPS, comments, another file behind it) is
 * left behind, the orientation is applied, and small ones are made. One at a time: it takes a thread of the few that the
 * chat's own files and sign-in need too.
 */
import { limits, Refusal } from "@mirage/protocol";
import type { Sharp, SharpOptions } from "sharp";
import { Turnstile } from "../../lib/turnstile.ts";
import type { PictureType } from "./file-types.ts";
import type { Thumbnail } from "./files.store.ts";

/** A picture as it is kept: files beside the one it was made from. */
export interface Developed {
  path: string;
  size: number;
  width: number;
  height: number;
  thumbnails: readonly (Thumbnail & { path: string })[];
}

/** All frames together. A pixel takes four bytes while it is worked on. */
const maxPixels = 60_000_000;
/** For each of the steps. */
const stepSeconds = 20;
const maxWaiting = 50;
const maxWaitMs = 60_000;

const formats: Record<PictureType, { read: string; write: (picture: Sharp) => Sharp }> = {
  "image/png": { read: "png", write: (picture) => picture.png() },
  "image/jpeg": { read: "jpeg", write: (picture) => picture.jpeg({ quality: 90 }) },
  "image/gif": { read: "gif", write: (picture) => picture.gif() },
  "image/webp": { read: "webp", write: (picture) => picture.webp({ quality: 90 }) },
  // Its writer is by far the slowest: this is the effort at which a photograph takes a second or two.
  "image/avif": { read: "heif", write: (picture) => picture.avif({ quality: 60, effort: 2 }) },
};

const sizes = [
  { variant: "thumbnail", side: limits.thumbnailPixels },
  { variant: "preview", side: limits.previewPixels },
] as const;

export class PictureLab {
  readonly #turnstile = new Turnstile({
    atOnce: 1,
    maxWaiting,
    maxWaitMs,
    refusal: () => new Refusal("overloaded", "Too many pictures are waiting; try again", { retryAfterMs: 5_000 }),
  });

  /**
   * Develops the picture at `path`; undefined where it is none, is too large or takes too long.
   * @throws Refusal `overloaded` where too many wait
   */
  async develop(path: string, type: PictureType): Promise<Developed | undefined> {
    const sharp = await loadSharp();
    return await this.#turnstile.run(async () => {
      try {
        return await developWith(sharp, path, type);
      } catch {
        // Whatever is wrong with it, it is no picture for us.
        return undefined;
      }
    });
  }
}

type SharpModule = typeof import("sharp")["default"];
let loaded: Promise<SharpModule> | undefined;

/** With the first picture: a server that is never sent one does not carry the library. */
function loadSharp(): Promise<SharpModule> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}

async function developWith(sharp: SharpModule, path: string, type: PictureType): Promise<Developed | undefined> {
  const options: SharpOptions = {
    limitInputPixels: maxPixels,
    failOn: "error",
    animated: type === "image/gif" || type === "image/webp",
  };
  const open = (from: string): Sharp => sharp(from, options).timeout({ seconds: stepSeconds });
  const format = formats[type];
  const { format: found } = await open(path).metadata();
  // The library knows more kinds than are let in, and some of them fetch or run things.
  if (found !== format.read) return undefined;
  const developed = `${path}.picture`;
  const { size, width, height, pageHeight = height } = await format.write(open(path).autoOrient()).toFile(developed);
  const thumbnails: (Thumbnail & { path: string })[] = [];
  for (const { variant, side } of sizes) {
    if (Math.max(width, pageHeight) <= side) continue;
    const small = open(developed).resize({ width: side, height: side, fit: "inside" }).webp({ quality: 80 });
    const made = await small.toFile(`${path}.${variant}`);
    thumbnails.push({
      variant,
      width: made.width,
      height: made.pageHeight ?? made.height,
      size: made.size,
      path: `${path}.${variant}`,
    });
  }
  return { path: developed, size, width, height: pageHeight, thumbnails };
}
