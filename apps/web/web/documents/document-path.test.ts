import { expect, it } from "vitest";
import { documentPath, documentsOf, findDocumentIds } from "./document-path.ts";

it("[FACE-29] a message's links to documents of this app are found, and no others", () => {
  const origin = "https://chat.example";
  const own = origin + documentPath("0199-aB");
  expect(findDocumentIds(`see ${own}, and ${own}?thread=1 (${origin}/documents/two).`, origin)).toEqual([
    "0199-aB",
    "two",
  ]);
  const others = [
    "https://evil.example/documents/x",
    `${origin}.evil.example/documents/x`,
    `${origin}/documents/`,
    `${origin}/rooms/x`,
    "/documents/x",
    `${origin}/documents/%2e%2e`,
  ];
  expect(findDocumentIds(others.join(" "), origin)).toEqual([]);
});

it("[FACE-29] a message that tells of a document made of messages shows it, also where its text has no whole address", () => {
  const content = "Plan: /documents/made";
  expect(documentsOf({ content, metadata: { documentId: "made" } }, "https://chat.example")).toEqual(["made"]);
  const linked = "https://chat.example/documents/other https://chat.example/documents/made";
  expect(documentsOf({ content: linked, metadata: { documentId: "made" } }, "https://chat.example")).toEqual([
    "made",
    "other",
  ]);
  expect(documentsOf({ content, metadata: { documentId: "../made" } }, "https://chat.example")).toEqual([]);
});
