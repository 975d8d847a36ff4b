import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeDocuments } from "../testing/fake-documents.ts";
import { FakeServer } from "../testing/fake-server.ts";
import { pass } from "../testing/test-client.ts";
import { openPage as open, type TestPage } from "../testing/test-documents.ts";

const pages: TestPage[] = [];
let server: FakeServer;
let fake: FakeDocuments;

beforeEach(() => {
  server = new FakeServer();
  fake = new FakeDocuments(server);
  fake.add("plan", "ann", "bob");
});

afterEach(() => {
  for (const page of pages.splice(0)) page.close();
});

async function openPage(userId: string): Promise<TestPage> {
  const page = await open(server, userId);
  pages.push(page);
  return page;
}

const busy = { code: "overloaded", message: "Busy", retryable: true } as const;

const said = ({ handle }: TestPage) =>
  handle.comments.get().map(({ content, deleted }) => (deleted ? "(deleted)" : content));

it("[CLI-22] comments are there from the first joining on, live, and as they are after a time away", async () => {
  for (const content of ["a", "b", "c"]) fake.comment("plan", content, { content });
  const ann = await openPage("ann");
  expect(said(ann)).toEqual(["a", "b", "c"]);
  fake.comment("plan", "d", { content: "d" });
  await server.settle();
  expect(said(ann)).toEqual(["a", "b", "c", "d"]);
  server.cut();
  fake.comment("plan", "a", { content: "a, edited" });
  fake.comment("plan", "b", { content: "", deleted: true });
  fake.comment("plan", "e", { content: "e", threadId: "c" });
  fake.comment("plan", "c", { content: "", deleted: true });
  await pass(ann, server, 1_000);
  expect(said(ann)).toEqual(["a, edited", "(deleted)", "d", "e"]);
});

it("[CLI-22] comments that cannot be read are asked for again", async () => {
  fake.comment("plan", "a", { content: "a" });
  let isBusy = true;
  server.intercept = ({ name }) => (name === "list_comments" && isBusy ? busy : undefined);
  const ann = await openPage("ann");
  expect([said(ann), ann.handle.state.get().phase]).toEqual([[], "live"]);
  isBusy = false;
  await pass(ann, server, 6_000);
  expect(said(ann)).toEqual(["a"]);
});
