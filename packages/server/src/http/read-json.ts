import { Refusal } from "@mirage/protocol";

/** An empty body counts as a missing one. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("bad_request", "Invalid payload: the body is not JSON");
  }
}

/** The fields of a body that is an object; what is in them is checked by whoever reads them. */
export async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body = await readJson(request);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new Refusal("bad_request", "Invalid payload: the body is not an object");
}
