import { Refusal } from "@mirage/protocol";
import type { Context } from "hono";
import { TooSlow } from "../features/files/receive-body.ts";
import { requireDocumentId } from "./document-id.ts";
import { toResponse } from "./guards.ts";
import type { HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";
import { type RestCaller, requireSession } from "./rest-caller.ts";
import { uploadPath } from "./upload-path.ts";

type Options = Pick<HttpOptions, "files"> & {
  callerOf: (context: Context<HttpEnvironment>) => Promise<RestCaller>;
};

/** `POST /api/v1/files?name=…&documentId=…`: the body is the file, as it is. Nothing of it is held in memory. */
export function addUploadRoute(app: HttpApp, { files, callerOf }: Options): void {
  app.post(uploadPath, async (context) => {
    const session = requireSession(await callerOf(context));
    const documentId = context.req.query("documentId");
    const incoming = {
      name: context.req.query("name") ?? "",
      type: context.req.header("content-type"),
      size: declaredSize(context.req.raw.headers),
      body: context.env.incoming,
      documentId: documentId === undefined ? undefined : requireDocumentId(documentId),
    };
    try {
      return context.json({ file: await files.receive(session, incoming) }, 201);
    } catch (error) {
      if (error instanceof TooSlow) return closing(toResponse(new Refusal("unavailable", "Too slow; try again"), 408));
      // Whoever went away in the middle hears nothing, and it is nobody's fault here.
      if (incoming.body.destroyed && !incoming.body.complete) return closing(toResponse(cutOff()));
      throw error;
    }
  });
}

function cutOff(): Refusal {
  return new Refusal("bad_request", "The body ended before its end");
}

/** What is left of the body is not waited for. */
function closing(response: Response): Response {
  response.headers.set("connection", "close");
  return response;
}

function declaredSize(headers: Headers): number | undefined {
  const declared = headers.get("content-length");
  return declared === null || headers.has("transfer-encoding") ? undefined : Number(declared);
}
