"use client";
import type { ComponentProps } from "react";

/** A button that shows an icon; its name is read aloud and shown as its tooltip. */
export function IconButton({ label, className, ...props }: ComponentProps<"button"> & { label: string }) {
  const classes = className === undefined ? "mrg-icon-button" : `mrg-icon-button ${className}`;
  return <button type="button" aria-label={label} title={label} className={classes} {...props} />;
}
