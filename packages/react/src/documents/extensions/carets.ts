import type { DecorationAttrs } from "@tiptap/pm/view";

/** Somebody's cursor with their name. Names and colours come from the server's word, and go in as text and properties. */
export function renderCaret(user: Record<string, unknown>): HTMLElement {
  const caret = document.createElement("span");
  caret.className = "mrg-caret";
  caret.style.setProperty("--mrg-person", String(user.color));
  const name = document.createElement("span");
  name.className = "mrg-caret-name";
  name.dir = "auto";
  name.textContent = String(user.name ?? "");
  caret.append(name);
  return caret;
}

/** What somebody has selected. */
export function renderSelection(user: Record<string, unknown>): DecorationAttrs {
  return { class: "mrg-caret-selection", style: `--mrg-person: ${String(user.color)}` };
}
