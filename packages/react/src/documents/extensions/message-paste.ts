import type { Realtime } from "@mirage/client";
import { parseMessageAddress } from "@mirage/documents";
import type { Message } from "@mirage/protocol";
import { Extension } from "@tiptap/core";
import { Plugin, type Transaction } from "@tiptap/pm/state";

type Found = { roomId: string; messageId: string };

/** How far back a message is looked for: the newest thousand. */
const pages = 10;
const pageLength = 100;
const shownCharacters = 80;

/** A pasted address of a message becomes a chip with its words. */
export const MessagePaste = Extension.create<{ realtime: Realtime | undefined }>({
  name: "messagePaste",
  // Before the link extension, which would make a plain link of it.
  priority: 1_100,
  addOptions: () => ({ realtime: undefined }),
  addProseMirrorPlugins() {
    const { editor, options } = this;
    return [
      new Plugin({
        props: {
          handlePaste(_view, event) {
            const text = event.clipboardData?.getData("text/plain").trim() ?? "";
            const found = parseMessageAddress(text, window.location.origin);
            if (!found || !options.realtime) return false;
            editor.commands.insertContent([
              { type: "messageLink", attrs: { ...found, text: "" } },
              { type: "text", text: " " },
            ]);
            void findWords(options.realtime, found).then((words) => {
              if (words === undefined || editor.isDestroyed) return;
              editor.commands.command(({ tr }) => fill(tr, { ...found, words }));
            });
            return true;
          },
        },
      }),
    ];
  },
});

/** Gives the chips of this message their words; others may have moved them meanwhile. */
function fill(tr: Transaction, { messageId, words }: { messageId: string; words: string }): boolean {
  tr.doc.descendants((node, at) => {
    if (node.type.name !== "messageLink" || node.attrs.messageId !== messageId || node.attrs.text !== "") return;
    tr.setNodeAttribute(at, "text", words);
  });
  return tr.docChanged;
}

async function findWords(realtime: Realtime, { roomId, messageId }: Found): Promise<string | undefined> {
  let before: number | undefined;
  for (let page = 0; page < pages; page++) {
    const input = { roomId, limit: pageLength, ...(before === undefined ? {} : { before }) };
    const answer = await realtime.request("get_messages", input).catch(() => undefined);
    const found = answer?.messages.find(({ id }) => id === messageId);
    if (found) return describe(found);
    before = answer?.messages[0]?.seq;
    if (!answer?.hasMore || before === undefined) return undefined;
  }
  return undefined;
}

function describe({ username, content }: Message): string {
  const words = [...content.replaceAll(/\s+/g, " ").trim()];
  const excerpt = words.slice(0, shownCharacters).join("");
  return `${username}: ${excerpt}${words.length > shownCharacters ? "…" : ""}`;
}
