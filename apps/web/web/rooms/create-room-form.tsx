"use client";
import { useRequest } from "@mirage/react";
import type { FormEvent } from "react";
import { DialogError } from "../shell/app-dialog.tsx";

const kinds = [
  { type: "public", label: "Public", text: "Anyone here can find and join it" },
  { type: "private", label: "Private", text: "Only with an invite link" },
  { type: "announcement", label: "Announcements", text: "Everyone reads, moderators write" },
] as const;

/** Asks for name, topic and kind, and makes the room. */
export function CreateRoomForm({ onCreated }: { onCreated: (roomId: string) => void }) {
  const create = useRequest("create_room");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const type = kinds.find((kind) => kind.type === form.get("type"))?.type ?? "public";
    const description = String(form.get("description") ?? "").trim();
    const name = String(form.get("name") ?? "");
    const reply = await create.run({ name, type, ...(description === "" ? {} : { description }) });
    if (!reply) return;
    onCreated(reply.room.id);
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        Name
        <input
          className="field font-normal"
          name="name"
          maxLength={80}
          required
          placeholder="for example: weekend plans"
        />
      </label>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        What is it about? (optional)
        <input className="field font-normal" name="description" maxLength={500} />
      </label>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-semibold">Who can see it?</legend>
        {kinds.map(({ type, label, text }) => (
          <label
            key={type}
            className="flex min-h-12 cursor-pointer items-center gap-3 rounded-xl border border-line px-3.5 py-1.5 has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="type"
              value={type}
              defaultChecked={type === "public"}
              className="size-4 accent-accent"
            />
            <span className="leading-tight">
              <span className="font-semibold">{label}</span>
              <span className="block text-[0.8125rem] text-ink-soft">{text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <DialogError text={create.error} />
      <button type="submit" className="button button-primary" disabled={create.isRunning}>
        Create room
      </button>
    </form>
  );
}
