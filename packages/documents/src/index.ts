// Everything that runs in Node and in a browser alike. `@mirage/documents/html` reads HTML and needs Node;
// `@mirage/documents/markdown` is Markdown alone, for pages that load it when it is needed.

export { fromMessages, type QuotedMessage } from "./from-messages.ts";
export { fromMarkdown, markdownToJson, toMarkdown } from "./markdown/index.ts";
export { type MessageLink, messageAddress, parseMessageAddress } from "./message-link.ts";
export { safeLink } from "./safe-url.ts";
export { contentName, type DocumentExtensionOptions, documentExtensions, documentSchema } from "./schema.ts";
export { toHtml } from "./to-html.ts";
export { toJson } from "./to-json.ts";
