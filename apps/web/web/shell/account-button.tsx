"use client";
import { Avatar, useConnection } from "@mirage/react";
import { ChevronsUpDown } from "lucide-react";
import type { ComponentProps } from "react";
import type { SessionUser } from "../session/auth-api.ts";

/** Who I am, and whether I am connected. */
export function AccountButton({ user, ...props }: ComponentProps<"button"> & { user: SessionUser }) {
  const { status } = useConnection();
  return (
    <button
      {...props}
      type="button"
      aria-label={`Account and appearance: ${user.username}`}
      className="m-2 flex min-h-[56px] flex-none items-center gap-3 rounded-2xl px-3 text-start hover:bg-[rgb(128_120_100/12%)]"
    >
      <Avatar userId={user.userId} />
      <span className="min-w-0 flex-1 leading-tight">
        <span className="block truncate font-semibold" dir="auto">
          {user.username}
        </span>
        <span className="block truncate text-[0.8125rem] text-ink-faint">
          {status === "online" ? (user.isGuest ? "Guest" : "Connected") : "Connecting…"}
        </span>
      </span>
      <ChevronsUpDown size={16} className="text-ink-faint" aria-hidden />
    </button>
  );
}
