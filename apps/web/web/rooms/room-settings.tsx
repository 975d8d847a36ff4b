"use client";
import type { OwnRoom } from "@mirage/protocol";
import { RoomNotifications, roomRights, useRealtime, useRequest } from "@mirage/react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { DialogError } from "../shell/app-dialog.tsx";

/** Name and topic, leaving, archiving: what this person may do, and nothing else. */
export function RoomSettings({ room, onDone }: { room: OwnRoom; onDone: () => void }) {
  const rights = roomRights(room);
  const { hasNotifications } = useRealtime();
  return (
    <div className="flex flex-col gap-5">
      {hasNotifications && <RoomNotifications roomId={room.id} />}
      {rights.canUpdate && <RenameForm room={room} onDone={onDone} />}
      {rights.canLeave && <LeaveRoom room={room} />}
      {rights.canArchive && <ArchiveRoom room={room} onDone={onDone} />}
    </div>
  );
}

function RenameForm({ room, onDone }: { room: OwnRoom; onDone: () => void }) {
  const update = useRequest("update_room");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, description] = [String(form.get("name") ?? ""), String(form.get("description") ?? "")];
    if (await update.run({ roomId: room.id, name, description })) onDone();
  };
  return (
    <form className="flex flex-col gap-3" onSubmit={(event) => void submit(event)}>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        Name
        <input className="field font-normal" name="name" maxLength={80} required defaultValue={room.name} />
      </label>
      <label className="flex flex-col gap-1 text-sm font-semibold">
        What is it about?
        <input className="field font-normal" name="description" maxLength={500} defaultValue={room.description ?? ""} />
      </label>
      <DialogError text={update.error} />
      <button type="submit" className="button button-primary" disabled={update.isRunning}>
        Save
      </button>
    </form>
  );
}

function LeaveRoom({ room }: { room: OwnRoom }) {
  const { me } = useRealtime();
  const router = useRouter();
  const leave = useRequest("remove_member");
  const run = async () => {
    if (await leave.run({ roomId: room.id, userId: me.userId })) router.replace("/rooms");
  };
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">Leave this room</h3>
      <p className="text-sm">
        It disappears from your list. {room.type === "private" && "You need a new invite to return."}
      </p>
      <DialogError text={leave.error} />
      <button type="button" className="button" disabled={leave.isRunning} onClick={() => void run()}>
        Leave
      </button>
    </section>
  );
}

function ArchiveRoom({ room, onDone }: { room: OwnRoom; onDone: () => void }) {
  const archive = useRequest("archive_room");
  const [isSure, setIsSure] = useState(false);
  const run = async () => {
    if (!isSure) return setIsSure(true);
    if (await archive.run({ roomId: room.id })) onDone();
  };
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">Archive this room</h3>
      <p className="text-sm">Everyone can still read it, nobody can write any more. This cannot be undone.</p>
      <DialogError text={archive.error} />
      <button
        type="button"
        className={isSure ? "button button-danger" : "button"}
        disabled={archive.isRunning}
        onClick={() => void run()}
      >
        {isSure ? "Yes, archive it for good" : "Archive…"}
      </button>
    </section>
  );
}
