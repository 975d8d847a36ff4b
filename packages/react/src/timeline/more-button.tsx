"use client";
import { Ellipsis } from "lucide-react";
import type { ComponentProps } from "react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";

/** Opens everything that can be done. */
export function MoreButton(props: ComponentProps<"button">) {
  const { labels } = useRealtime();
  return (
    <IconButton {...props} label={labels.more}>
      <Ellipsis size={16} aria-hidden />
    </IconButton>
  );
}
