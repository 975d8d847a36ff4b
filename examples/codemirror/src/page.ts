import { Compartment, EditorState } from "@codemirror/state";
import { createRealtime } from "@mirage/client";
import { type DocumentHandle, openDocuments } from "@mirage/client/documents";
import { basicSetup, EditorView } from "codemirror";
import { yCollab } from "y-codemirror.next";

/** What the host's own back end says about who is signed in there; see server.ts. */
interface Session {
  realtimeUrl: string;
  me: { userId: string; username: string };
  token: string;
}

async function fetchSession(): Promise<Session> {
  const response = await fetch(`/session${location.search}`);
  if (!response.ok) throw new Error(`The host answered ${response.status}`);
  return response.json();
}

const { realtimeUrl, me } = await fetchSession();
const getToken = async () => (await fetchSession()).token;
const realtime = createRealtime({ url: realtimeUrl, userId: me.userId, getToken });
const documents = openDocuments(realtime, { userId: me.userId });

/** The id that the address names; else the newest document of the public room, whose members may all write in it. */
async function findDocument(): Promise<string> {
  const named = new URLSearchParams(location.search).get("document");
  if (named) return named;
  const roomId = "general";
  await realtime.request("join_room", { roomId });
  const { documents: known } = await realtime.request("list_documents", { roomId });
  if (known[0]) return known[0].id;
  const { document: made } = await realtime.request("create_document", { title: "Notes", roomId });
  return made.id;
}

function say(place: string, text: string): void {
  const element = document.querySelector(place);
  if (element) element.textContent = text;
}

function show({ state, awareness }: DocumentHandle): void {
  const { phase, document: about, save, error } = state.get();
  const saved = { saved: "Saved", saving: "Saving …", offline: `Offline, ${save.pending} changes` }[save.kind];
  say("#title", about?.title ?? "Notes");
  say("#state", error ? `${error.message}. Copy what you need.` : phase === "loading" ? "Loading …" : saved);
  const names = [...awareness.getStates().values()].map(({ user }) => user?.name ?? me.username);
  say("#people", `Here: ${[...new Set(names)].join(", ")}`);
}

const documentId = await findDocument();
// The next page opens the same document, also where there is no network.
const address = new URL(location.href);
address.searchParams.set("document", documentId);
history.replaceState(null, "", address);

const handle = documents.open(documentId);
const text = handle.doc.getText("content");
const access = new Compartment();
const readOnly = () => EditorState.readOnly.of(handle.state.get().role !== "edit");
const view = new EditorView({
  doc: text.toString(),
  extensions: [basicSetup, EditorView.lineWrapping, yCollab(text, handle.awareness), access.of(readOnly())],
  parent: document.querySelector("#editor") ?? document.body,
});

let role = handle.state.get().role;
handle.state.subscribe(() => {
  show(handle);
  if (handle.state.get().role === role) return;
  role = handle.state.get().role;
  view.dispatch({ effects: access.reconfigure(readOnly()) });
});
handle.awareness.on("change", () => show(handle));
show(handle);
