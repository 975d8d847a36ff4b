/**
 * What names are compared by: `@ANNA`, `@Anna` and `@ａｎｎａ` are one name. Normalised again at the end, because lower
 * case can undo it; the final sigma of Greek is folded, because it depends on what follows.
 */
export function usernameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
}
