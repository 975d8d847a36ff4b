"use client";
import { useEndPushes, useRealtime } from "@mirage/react";
import { Check, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { type SessionUser, signOut } from "../session/auth-api.ts";
import { AccountButton } from "./account-button.tsx";
import { type Theme, useTheme } from "./use-theme.ts";

const endPushesWithinMs = 3_000;

const themes: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: "system", label: "Like the system", icon: Monitor },
  { theme: "light", label: "Light", icon: Sun },
  { theme: "dark", label: "Dark", icon: Moon },
];

/** The account's menu; it opens at once, since it is loaded when it is asked for. */
export function AccountDropdown({ user }: { user: SessionUser }) {
  const { theme, setTheme } = useTheme();
  const { realtime } = useRealtime();
  const endPushes = useEndPushes();
  const [failure, setFailure] = useState("");
  const leave = async () => {
    setFailure("");
    // While the server still knows who asks; what it does not answer soon, it learns from the push service.
    await Promise.race([endPushes(), new Promise((resolve) => setTimeout(resolve, endPushesWithinMs))]);
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
    <DropdownMenu.Root modal={false} defaultOpen>
      {failure && (
        <p role="alert" className="mx-4 text-[0.8125rem] text-ink-soft">
          {failure}
        </p>
      )}
      <DropdownMenu.Trigger asChild>
        <AccountButton user={user} />
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
