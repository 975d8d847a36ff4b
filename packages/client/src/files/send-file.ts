import { RealtimeError } from "../lib/error.ts";
import { cancelled } from "./cancelled.ts";

export interface FileRequest {
  url: string;
  token: string;
  body: Blob;
  /** Bytes that have left. */
  onProgress: (sentBytes: number) => void;
  signal: AbortSignal;
}

export interface FileAnswer {
  status: number;
  /** Parsed JSON, or undefined. */
  body: unknown;
}

/** Posts bytes. @throws RealtimeError `disconnected` where no answer came, `closed` when cancelled */
export type FileSender = (request: FileRequest) => Promise<FileAnswer>;

const lost = () => new RealtimeError("disconnected", "The connection was lost");

/** By XMLHttpRequest where there is one, because `fetch` does not say how far it is. */
export const sendFile: FileSender = (request) =>
  typeof XMLHttpRequest === "undefined" ? sendByFetch(request) : sendByXhr(request);

function sendByXhr({ url, token, body, onProgress, signal }: FileRequest): Promise<FileAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    signal.addEventListener("abort", abort, { once: true });
    xhr.upload.onprogress = ({ loaded }) => onProgress(loaded);
    xhr.onload = () => resolve({ status: xhr.status, body: parse(xhr.responseText) });
    xhr.onerror = () => reject(lost());
    xhr.onabort = () => reject(cancelled());
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    xhr.open("POST", url);
    xhr.setRequestHeader("authorization", `Bearer ${token}`);
    xhr.setRequestHeader("content-type", body.type || "application/octet-stream");
    xhr.send(body);
  });
}

async function sendByFetch({ url, token, body, onProgress, signal }: FileRequest): Promise<FileAnswer> {
  const headers = { authorization: `Bearer ${token}`, "content-type": body.type || "application/octet-stream" };
  try {
    const answer = await fetch(url, { method: "POST", headers, body, signal });
    onProgress(body.size);
    return { status: answer.status, body: parse(await answer.text()) };
  } catch {
    throw signal.aborted ? cancelled() : lost();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
