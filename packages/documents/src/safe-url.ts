const linkSchemes = new Set(["http:", "https:", "mailto:"]);
const sourceSchemes = new Set(["http:", "https:"]);
// What a browser drops from an address, or what ends one in Markdown or HTML.
const awkward = /[\p{Cc}\s<>"`\\^{|}]/u;

/** The address of a link if it may be followed (http, https or mailto, whole), else nothing. */
export function safeLink(href: unknown): string | undefined {
  return keep(href, linkSchemes);
}

/** The address of a picture if it may be loaded: http, https, or a path on the same server. */
export function safeSource(source: unknown): string | undefined {
  if (typeof source === "string" && /^\/(?![/\\])/.test(source) && !awkward.test(source)) return source;
  return keep(source, sourceSchemes);
}

function keep(address: unknown, schemes: ReadonlySet<string>): string | undefined {
  if (typeof address !== "string" || address.length > 2_048 || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!schemes.has(url.protocol)) return undefined;
  return awkward.test(address) ? url.href.replaceAll(/[`^{|}]/g, encodeURIComponent) : address;
}
