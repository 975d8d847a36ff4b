import type { Page } from "playwright-core";

/** A picture that is drawn in the page. */
export interface DrawnPicture {
  name: string;
  colour: string;
  width: number;
  height: number;
}

/** Gives the page a picture: pasted into the element of a selector, or dropped on it, at `at` if that is given. */
export async function handPicture(
  page: Page,
  way: { how: "paste" | "drop"; to: string; at?: { x: number; y: number } },
  picture: DrawnPicture,
): Promise<void> {
  await page.evaluate(
    async ([{ how, to, at }, { name, colour, width, height }]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const pen = canvas.getContext("2d");
      if (!pen) throw new Error("no canvas");
      const wash = pen.createLinearGradient(0, 0, width, height);
      wash.addColorStop(0, colour);
      wash.addColorStop(1, "#f4d9a8");
      pen.fillStyle = wash;
      pen.fillRect(0, 0, width, height);
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
      const data = new DataTransfer();
      data.items.add(new File([blob ?? ""], name, { type: "image/png" }));
      const target = document.querySelector(to) ?? document.body;
      const common = { bubbles: true, cancelable: true };
      if (how === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...common, clipboardData: data }));
      else
        for (const kind of ["dragover", "drop"])
          target.dispatchEvent(
            new DragEvent(kind, { ...common, dataTransfer: data, clientX: at?.x ?? 0, clientY: at?.y ?? 0 }),
          );
    },
    [way, picture] as const,
  );
}

/** The bytes of a picture, as a PNG. */
export function drawPng(page: Page, picture: DrawnPicture): Promise<number[]> {
  return page.evaluate(async ({ colour, width, height }) => {
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, width, height);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  }, picture);
}
