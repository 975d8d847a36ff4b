"use client";
import { useRequest } from "@mirage/react";
import { Check, Copy } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { AppDialog, DialogError } from "../shell/app-dialog.tsx";
import { roomPath } from "./room-path.ts";

interface InviteDialogProps {
  roomId: string;
  /** Without the right to invite, the link is the room's own address: who opens a public room joins it. */
  canInvite: boolean;
  children: ReactNode;
}

/** Makes a link that lets people in, to be copied. */
export function InviteDialog({ roomId, canInvite, children }: InviteDialogProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [link, setLink] = useState<string>();
  const [isCopied, setIsCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const create = useRequest("create_invite");
  const open = async (next: boolean) => {
    setIsOpen(next);
    setIsCopied(false);
    if (!next || link !== undefined) return;
    if (!canInvite) return setLink(`${window.location.origin}${roomPath(roomId)}`);
    const reply = await create.run({ roomId });
    if (reply) setLink(`${window.location.origin}/invite/${encodeURIComponent(reply.invite.code)}`);
  };
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link ?? "");
      setIsCopied(true);
    } catch {
      // Without permission the text is selected, and the keyboard can copy it.
      setIsCopied(false);
    }
  };
  return (
    <AppDialog
      title="Invite people"
      text="Whoever opens this link can join the room, with an account or as a guest."
      trigger={children}
      isOpen={isOpen}
      onOpenChange={(next) => void open(next)}
    >
      <div className="flex flex-col gap-3">
        <input
          ref={field}
          className="field"
          readOnly
          aria-label="Invite link"
          value={link ?? ""}
          placeholder={create.isRunning ? "Making a link…" : ""}
          onFocus={(event) => event.currentTarget.select()}
        />
        <DialogError text={create.error} />
        <button
          type="button"
          className="button button-primary"
          disabled={link === undefined}
          onClick={() => void copy()}
        >
          {isCopied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
          <span role="status">{isCopied ? "Copied" : "Copy link"}</span>
        </button>
      </div>
    </AppDialog>
  );
}
