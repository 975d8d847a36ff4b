// Whatever claims to be a document becomes one: known nodes with attributes that may stand, in an order the schema
// allows. What does not fit is taken apart and its text kept. Documents hold what clients wrote, so nothing that leaves
// here (Markdown, HTML, JSON) comes past this.
import type { JSONContent } from "@tiptap/core";
import { Fragment, Mark, type Node, type NodeType } from "@tiptap/pm/model";
import { type Attributes, cleanAttributes } from "./clean-attributes.ts";
import { documentSchema } from "./schema.ts";

/** Deeper than this, only text is kept: a quotation within a list within a table is six. */
const maxDepth = 60;

/** The document that comes closest to what is given. */
export function fitDocument(json: JSONContent): Node {
  const type = documentSchema().topNodeType;
  return type.create(null, fitContent(type, fitAll(json.content, 0)));
}

function fitAll(content: readonly JSONContent[] | undefined, depth: number): Node[] {
  return Array.isArray(content) ? content.flatMap((child) => fitNode(child, depth)) : [];
}

function fitNode(json: JSONContent, depth: number): Node[] {
  const schema = documentSchema();
  if (json.type === "text") {
    if (typeof json.text !== "string" || json.text === "") return [];
    return [schema.text(json.text, fitMarks(json.marks))];
  }
  if (depth >= maxDepth) return textOf(json);
  const type = json.type === undefined ? undefined : schema.nodes[json.type];
  const attributes = type && type !== schema.topNodeType ? cleanAttributes(type.name, json.attrs ?? {}) : undefined;
  if (!type || !attributes) return fitAll(json.content, depth + 1);
  if (type.isLeaf) return [type.create(attributes, null, type.isInline ? fitMarks(json.marks) : Mark.none)];
  const content = fitContent(type, fitAll(json.content, depth + 1));
  return content ? [type.create(attributes, content)] : [];
}

function fitMarks(marks: JSONContent["marks"]): readonly Mark[] {
  const schema = documentSchema();
  let set: readonly Mark[] = Mark.none;
  for (const { type, attrs } of Array.isArray(marks) ? marks : []) {
    const known = schema.marks[type];
    const attributes = known && cleanAttributes(type, attrs as Attributes | undefined);
    if (known && attributes) set = known.create(attributes).addToSet(set);
  }
  return set;
}

/** The children in an order that the type allows, with what it demands added. */
function fitContent(type: NodeType, children: readonly Node[]): Fragment | undefined {
  if (type.inlineContent) return Fragment.fromArray(children.flatMap((child) => asInline(type, child)));
  let match = type.contentMatch;
  const fitted: Node[] = [];
  for (const child of wrapInline(children)) {
    const wrapped = match.matchType(child.type) ? child : wrap(match.findWrapping(child.type), child);
    const before = match.fillBefore(Fragment.from(wrapped));
    if (!before) continue;
    fitted.push(...before.content, wrapped);
    match = match.matchFragment(before)?.matchType(wrapped.type) ?? match;
  }
  const rest = match.fillBefore(Fragment.empty, true);
  return rest ? Fragment.fromArray([...fitted, ...rest.content]) : undefined;
}

/** An inline node with the marks allowed here; of a block, its text. */
function asInline(type: NodeType, child: Node): Node[] {
  const schema = documentSchema();
  const takes = type.contentMatch.matchType(child.type) !== null;
  if (takes && child.isInline) return [child.mark(type.allowedMarks(child.marks))];
  const words = child.textContent;
  return words === "" ? [] : [schema.text(words)];
}

function wrapInline(children: readonly Node[]): Node[] {
  const { paragraph } = documentSchema().nodes;
  const blocks: Node[] = [];
  let run: Node[] = [];
  const endRun = () => {
    if (run.length > 0 && paragraph) blocks.push(paragraph.create(null, Fragment.fromArray(run)));
    run = [];
  };
  for (const child of children) {
    if (child.isInline) run.push(child);
    else {
      endRun();
      blocks.push(child);
    }
  }
  endRun();
  return blocks;
}

function wrap(wrappers: readonly NodeType[] | null, child: Node): Node {
  return (wrappers ?? []).reduceRight((inner, wrapper) => wrapper.create(null, inner), child);
}

/** All text below a node, without recursion. */
function textOf(json: JSONContent): Node[] {
  const words: string[] = [];
  const waiting = [json];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (typeof next.text === "string") words.push(next.text);
    if (Array.isArray(next.content)) waiting.push(...next.content.toReversed());
  }
  const text = words.join("");
  return text === "" ? [] : [documentSchema().text(text)];
}
