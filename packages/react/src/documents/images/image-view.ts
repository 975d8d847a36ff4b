import type { FilesHandle } from "@mirage/client";
import type { NodeViewRenderer } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { fileIdOf } from "./file-address.ts";

type Urls = Pick<FilesHandle, "findUrl" | "forgetUrl">;

/** Shows pictures of a document, in a place that is kept for them, by addresses that are asked for when they are shown. */
export function createImageView(urls: Urls): NodeViewRenderer {
  return ({ node }) => {
    const picture = new Picture(urls, node);
    return {
      dom: picture.element,
      update: (next) => next.type === node.type && picture.show(next),
      ignoreMutation: () => true,
      destroy: () => picture.close(),
    };
  };
}

class Picture {
  readonly element = document.createElement("img");
  readonly #urls: Urls;
  #src: unknown;
  #isOpen = true;

  constructor(urls: Urls, node: Node) {
    this.#urls = urls;
    this.show(node);
  }

  show({ attrs }: Node): true {
    const { src, alt, width, height } = attrs;
    this.element.alt = alt ?? "";
    // Before there are bytes, a browser keeps no place by the attributes alone.
    this.element.style.width = width ? `${width}px` : "";
    this.element.style.aspectRatio = width && height ? `${width} / ${height}` : "";
    if (src !== this.#src) {
      this.#src = src;
      this.#load(src);
    }
    return true;
  }

  close(): void {
    this.#isOpen = false;
    this.element.onerror = null;
  }

  #load(src: unknown): void {
    const fileId = fileIdOf(src);
    delete this.element.dataset.missing;
    this.element.removeAttribute("src");
    this.element.onerror = () => this.#miss();
    if (fileId === undefined) this.element.src = String(src);
    else void this.#find(fileId, { isLast: false });
  }

  async #find(fileId: string, { isLast }: { isLast: boolean }): Promise<void> {
    // Without a connection it stays away; the next view of it asks again.
    const url = await this.#urls.findUrl(fileId).catch(() => undefined);
    if (!this.#isOpen || fileIdOf(this.#src) !== fileId) return;
    if (!url) return this.#miss();
    this.element.onerror = () => {
      this.#urls.forgetUrl(fileId);
      if (isLast) this.#miss();
      else void this.#find(fileId, { isLast: true });
    };
    this.element.src = url.previewUrl ?? url.url;
  }

  #miss(): void {
    this.element.dataset.missing = "";
  }
}
