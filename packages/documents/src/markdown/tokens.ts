import { MarkdownManager } from "@tiptap/markdown";

type Marked = MarkdownManager["instance"];
/** A piece of Markdown as the lexer names it. */
export type Token = ReturnType<Marked["lexer"]>[number];
/** The one of a kind. */
export type TokenOf<Kind extends string> = Extract<Token, { type: Kind }>;

// The lexer alone: Tiptap's own way from its tokens to a document reads HTML where there is a browser and not elsewhere.
const { instance } = new MarkdownManager({ extensions: [] });

/** Takes Markdown (CommonMark with GFM's tables, tasks, strikes and bare links) apart into blocks. */
export function lexBlocks(markdown: string): Token[] {
  return instance.lexer(markdown, { gfm: true });
}

/** Takes one line apart. */
export function lexInline(markdown: string): Token[] {
  return instance.Lexer.lexInline(markdown, { gfm: true });
}
