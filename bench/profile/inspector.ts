import { eventually } from "@mirage/testing";

/** A line to Node's inspector of another process. */
export interface Inspector {
  /** Calls a method of the Chrome DevTools protocol. */
  call(method: string, params?: object): Promise<unknown>;
  close(): void;
}

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

/** Connects to a process that was started with `--inspect`. */
export async function openInspector(port: number): Promise<Inspector> {
  const address = await eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target]: { webSocketDebuggerUrl: string }[] = JSON.parse(await answer.text());
    if (!target) throw new Error("the inspector lists no target");
    return target.webSocketDebuggerUrl;
  });
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`the inspector at ${address} does not answer`));
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  socket.onmessage = ({ data }) => {
    const { id = 0, result, error }: Answer = JSON.parse(String(data));
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error) caller?.reject(new Error(error.message));
    else caller?.resolve(result);
  };
  socket.onclose = () => {
    for (const caller of waiting.values()) caller.reject(new Error("the inspector has gone"));
  };
  return {
    call(method, params = {}) {
      const caller = Promise.withResolvers<unknown>();
      waiting.set(++lastId, caller);
      socket.send(JSON.stringify({ id: lastId, method, params }));
      return caller.promise;
    },
    close: () => socket.close(),
  };
}
