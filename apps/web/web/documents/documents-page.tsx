"use client";
import type { RoomListing } from "@mirage/protocol";
import { IconButton, nameRoom, useRequest, useRooms } from "@mirage/react";
import { FilePlus2, Files, Menu, Search } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { DialogError } from "../shell/app-dialog.tsx";
import { useOpenDrawer } from "../shell/drawer.tsx";
import { documentPath, documentsPath } from "./document-path.ts";
import { DocumentRow } from "./document-row.tsx";
import { noteNew } from "./new-document.ts";
import { useDocumentList } from "./use-document-list.ts";

/** The documents one may see: all or of one room, by title, and those in the trash. */
export function DocumentsPage() {
  const roomId = useSearchParams().get("room") ?? undefined;
  const [scope, setScope] = useState<"all" | "trash">("all");
  const [query, setQuery] = useState("");
  const openDrawer = useOpenDrawer();
  const list = useDocumentList({ scope, roomId, query });
  const room = useRooms().rooms.find(({ id }) => id === roomId);
  const title = room ? `Documents of ${nameRoom(room)}` : "Documents";
  useEffect(() => {
    document.title = `${title} · Mirage`;
  }, [title]);
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-[60px] flex-none items-center gap-2 border-b border-line px-4 py-1.5 max-sm:px-2">
        <IconButton label="Show rooms" className="only-phone" onClick={openDrawer}>
          <Menu size={20} aria-hidden />
        </IconButton>
        <Files size={19} className="flex-none text-ink-faint max-sm:hidden" aria-hidden />
        <h1 className="min-w-0 flex-1 truncate text-[1.0625rem] font-bold tracking-tight" dir="auto">
          {title}
        </h1>
        {mayWriteIn(room) && <NewDocument roomId={roomId} />}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-4xl px-4 py-4 max-sm:px-2">
          <div className="mb-3 flex flex-wrap gap-2">
            <SearchField value={query} onChange={setQuery} />
            <RoomChoice roomId={roomId} />
            <Scopes scope={scope} onChange={setScope} />
          </div>
          <DialogError text={list.error} />
          {list.error !== undefined && (
            <button type="button" className="button mt-3" disabled={list.isRunning} onClick={list.reload}>
              Try again
            </button>
          )}
          {list.documents?.length === 0 && <NoDocuments text={sayWhyEmpty({ scope, query, roomId })} />}
          <ul aria-label={scope === "trash" ? "Documents in the trash" : "Documents"} aria-busy={list.isRunning}>
            {list.documents?.map((document) => (
              <DocumentRow key={document.id} document={document} onChanged={list.reload} />
            ))}
          </ul>
          {list.loadMore && (
            <button type="button" className="button mt-3 w-full" disabled={list.isRunning} onClick={list.loadMore}>
              Show more
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

// What is offered; the server judges it again. Without a room a document is one's own.
function mayWriteIn(room: RoomListing | undefined): boolean {
  return !room || (!room.archived && room.role !== "guest");
}

function SearchField({ value, onChange }: { value: string; onChange(value: string): void }) {
  return (
    <label className="relative min-w-48 flex-1">
      <span className="sr-only">Find by title</span>
      <Search size={17} className="absolute start-3.5 top-3.5 text-ink-faint" aria-hidden />
      <input
        type="search"
        className="field ps-10"
        placeholder="Find by title"
        dir="auto"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function RoomChoice({ roomId }: { roomId: string | undefined }) {
  const router = useRouter();
  const { rooms } = useRooms();
  return (
    <label className="max-w-full">
      <span className="sr-only">Room</span>
      <select
        className="field max-w-64"
        value={roomId ?? ""}
        onChange={({ currentTarget: { value } }) => router.replace(documentsPath(value === "" ? undefined : value))}
      >
        <option value="">All rooms</option>
        {rooms.map((room) => (
          <option key={room.id} value={room.id}>
            {nameRoom(room)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Scopes({ scope, onChange }: { scope: "all" | "trash"; onChange(scope: "all" | "trash"): void }) {
  const choices = [
    { value: "all", label: "All" },
    { value: "trash", label: "Trash" },
  ] as const;
  return (
    <fieldset className="flex rounded-xl border border-line-strong p-0.5">
      <legend className="sr-only">Which documents</legend>
      {choices.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={scope === value}
          className="min-h-10 rounded-[10px] px-4 font-semibold text-ink-soft aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
          onClick={() => onChange(value)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

function NewDocument({ roomId }: { roomId: string | undefined }) {
  const router = useRouter();
  const create = useRequest("create_document");
  const run = async () => {
    const nonce = crypto.randomUUID();
    const reply = await create.run({ title: "Untitled", nonce, ...(roomId === undefined ? {} : { roomId }) });
    if (!reply) return;
    noteNew(reply.document.id);
    router.push(documentPath(reply.document.id));
  };
  return (
    <>
      {create.error !== undefined && (
        <span role="alert" className="text-sm text-danger">
          {create.error}
        </span>
      )}
      <button type="button" className="button button-primary" disabled={create.isRunning} onClick={() => void run()}>
        <FilePlus2 size={18} aria-hidden />
        <span className="max-sm:sr-only">New document</span>
      </button>
    </>
  );
}

function sayWhyEmpty({ scope, query, roomId }: { scope: "all" | "trash"; query: string; roomId: string | undefined }) {
  if (query.trim() !== "") return "No title fits. Try another word.";
  if (scope === "trash") return "The trash is empty.";
  return roomId === undefined
    ? "No documents yet. One that you make here is yours until you share it; choose a room first, and all of its people can write in it."
    : "No documents yet. Make the first one: everybody in the room can write in it at once.";
}

function NoDocuments({ text }: { text: string }) {
  return (
    <div className="grid justify-items-center gap-3 px-6 py-16 text-center text-ink-soft">
      <Files size={36} className="text-ink-faint" aria-hidden />
      <p role="status" className="max-w-sm">
        {text}
      </p>
    </div>
  );
}
