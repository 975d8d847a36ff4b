"use client";
import { Toolbar } from "radix-ui";
import type { ComponentProps } from "react";

/** A button of the toolbar: one of many that share one stop of the tab key. */
export function ToolButton({ label, className = "", ...props }: ComponentProps<"button"> & { label: string }) {
  return (
    <Toolbar.Button
      {...props}
      className={`mrg-icon-button mrg-doc-tool ${className}`}
      aria-label={label}
      title={label}
      // The text keeps its selection, and a phone its keyboard.
      onPointerDown={(event) => event.preventDefault()}
    />
  );
}
