"use client";
import { Avatar, useConnection, useRealtime } from "@mirage/react";
import { Check, ChevronsUpDown, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { type SessionUser, signOut } from "../session/auth-api.ts";
import { type Theme, useTheme } from "./use-theme.ts";

const themes: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: "system", label: "Like the system", icon: Monitor },
  { theme: "light", label: "Light", icon: Sun },
  { theme: "dark", label: "Dark", icon: Moon },
];

/** Who I am, how the app looks, and the way out. */
export function AccountMenu({ user }: { user: SessionUser }) {
  const { theme, setTheme } = useTheme();
  const { realtime } = useRealtime();
  const { status } = useConnection();
  const [failure, setFailure] = useState("");
  const leave = async () => {
    setFailure("");
    try {
      await signOut();
    } catch {
      setFailure("You are still signed in: the server could not be reached. Try again in a moment.");
      return;
    }
    realtime.close();
    window.location.assign("/sign-in");
  };
  return (
    <DropdownMenu.Root modal={false}>
      {failure && (
        <p role="alert" className="mx-4 text-[0.8125rem] text-ink-soft">
          {failure}
        </p>
      )}
      <DropdownMenu.Trigger asChild>
        <button
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
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="mrg-menu mrg-layer"
          align="start"
          side="top"
          sideOffset={4}
          collisionPadding={8}
        >
          <DropdownMenu.Label className="px-2.5 py-1 text-[0.8125rem] font-semibold text-ink-faint">
            Appearance
          </DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {themes.map(({ theme: value, label, icon: Icon }) => (
              <DropdownMenu.RadioItem key={value} value={value} className="mrg-menu-item">
                <Icon size={16} aria-hidden />
                <span className="flex-1">{label}</span>
                <DropdownMenu.ItemIndicator>
                  <Check size={16} aria-hidden />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item className="mrg-menu-item" onSelect={() => void leave()}>
            <LogOut size={16} aria-hidden />
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
