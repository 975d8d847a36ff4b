/**
 * Where a document says that a picture of its own is. It stays the same for as long as the document does, and opens nothing:
 * for that, whoever may read the document asks for an address that ends soon.
 */
export function fileAddress(fileId: string): string {
  return `/files/${fileId}`;
}

/** The file that a picture of a document is; undefined for one from elsewhere. */
export function fileIdOf(src: unknown): string | undefined {
  return typeof src === "string" ? /^\/files\/([\w-]{1,64})$/.exec(src)?.[1] : undefined;
}
