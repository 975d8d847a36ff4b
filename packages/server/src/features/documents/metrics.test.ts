import { eventually, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEditor } from "./open-test-editor.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

/** The value of each line of `/metrics` about documents. */
async function readMetrics(): Promise<Map<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("mirage_document"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("[DOC-18] what is open, loaded, taken, refused and compacted is counted, without a word of whose it is", async () => {
  const owner = await server.connect("ann");
  const { document } = await requestOk(owner, "create_document", { title: "Plan" });
  const ann = await openTestEditor(server, "ann", document.id);
  for (let n = 0; n < 510; n++) ann.text.insert(0, "x");
  const [first = new Uint8Array()] = ann.unsent;
  await ann.flush();
  await ann.send(first);
  expect(await ann.tryToSend(new Uint8Array([1, 2, 3]))).toBe("bad_update");
  await ann.join();
  await eventually(async () => {
    const metrics = await readMetrics();
    expect(metrics.get('mirage_document_updates_total{outcome="stored"}')).toBe(510);
    expect(metrics.get('mirage_document_updates_total{outcome="duplicate"}')).toBe(1);
    expect(metrics.get('mirage_document_updates_refused_total{code="bad_update"}')).toBe(1);
    expect(metrics.get('mirage_document_compactions_total{outcome="done"}')).toBe(1);
    expect(metrics.get("mirage_documents_open")).toBe(1);
    expect(metrics.get("mirage_documents_loaded")).toBe(1);
    expect(metrics.get("mirage_documents_loaded_bytes")).toBeGreaterThan(510);
  });
  expect([...(await readMetrics()).keys()].filter((line) => /ann|Plan/.test(line))).toEqual([]);
});
