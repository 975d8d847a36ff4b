"use client";
import { lazyPart } from "@mirage/react";
import { Suspense, useState } from "react";
import type { SessionUser } from "../session/auth-api.ts";
import { AccountButton } from "./account-button.tsx";

const AccountDropdown = lazyPart(() => import("./account-dropdown.tsx").then((module) => module.AccountDropdown));

/** Who I am, how the app looks, and the way out. What the button opens is loaded when it is pressed. */
export function AccountMenu({ user }: { user: SessionUser }) {
  const [isWanted, setIsWanted] = useState(false);
  const button = <AccountButton user={user} aria-haspopup="menu" onClick={() => setIsWanted(true)} />;
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountDropdown user={user} />
    </Suspense>
  );
}
