"use client";
import { useRequest } from "@mirage/react";
import { Check, Copy } from "lucide-react";
import { type ComponentProps, useEffect, useRef, useState } from "react";
import { AppDialog, DialogError } from "../shell/app-dialog.tsx";
import { roomPath } from "./room-path.ts";

interface InviteDialogProps extends Pick<ComponentProps<typeof AppDialog>, "isOpen" | "onOpenChange" | "opener"> {
  roomId: string;
  /** Without the right to invite, the link is the room's own address: who opens a public room joins it. */
  canInvite: boolean;
}

/** Makes a link that lets people in, to be copied. */
export function InviteDialog({ roomId, canInvite, ...dialog }: InviteDialogProps) {
  const [link, setLink] = useState<string>();
  const [isCopied, setIsCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const create = useRequest("create_invite");
  const { run } = create;
  const isAskedFor = useRef(false);
  useEffect(() => {
    if (!dialog.isOpen) return;
    setIsCopied(false);
    if (!canInvite) return setLink(`${window.location.origin}${roomPath(roomId)}`);
    // Each link is an invitation of its own: one is enough for as long as the page is open.
    if (isAskedFor.current) return;
    isAskedFor.current = true;
    void run({ roomId }).then((reply) => {
      isAskedFor.current = reply !== undefined;
      if (reply) setLink(`${window.location.origin}/invite/${encodeURIComponent(reply.invite.code)}`);
    });
  }, [dialog.isOpen, canInvite, roomId, run]);
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
      {...dialog}
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
