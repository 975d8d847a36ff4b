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
