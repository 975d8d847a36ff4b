import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const files = ["data.json", "messages.json", "shortcodes/emojibase.json"];

/** Puts the picker's data beside the app's own files, so that the browser never asks another host for it. */
export function copyEmojiData() {
  const source = dirname(createRequire(import.meta.url).resolve("emojibase-data/en/data.json"));
  const target = fileURLToPath(new URL("./public/emoji/en/", import.meta.url));
  for (const file of files) {
    const to = join(target, file);
    if (existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(source, file), to);
  }
}
