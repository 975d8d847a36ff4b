import { createHash } from "node:crypto";
import { escapeHtml } from "../lib/escape-html.ts";

const style =
  ":root{color-scheme:light dark;background:light-dark(#fff,#17191c);color:light-dark(#1c1917,#f5f5f4)}" +
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;overflow-wrap:anywhere}" +
  "a{display:inline-block;padding:.75rem 0;color:light-dark(#0f766e,#5eead4)}" +
  "button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.25rem;border:0;border-radius:.625rem;" +
  "background:light-dark(#0f766e,#5eead4);color:light-dark(#fff,#042f2e)}";
const styleHash = createHash("sha256").update(style).digest("base64");

export interface EmailPage {
  title: string;
  text: string;
  /** What does it; absent where there is nothing left to do. */
  button?: string;
  appUrl: string;
}

/** A page that can do nothing but send its own form and lead to the app: links in mail lead here. */
export function emailPage({ title, text, button, appUrl }: EmailPage, status = 200) {
  const form = button === undefined ? "" : `<form method="post"><button>${escapeHtml(button)}</button></form>`;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${form}
<p><a href="${escapeHtml(appUrl)}">Open the app</a></p></main></body></html>
`;
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    },
  });
}
