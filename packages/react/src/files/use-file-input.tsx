"use client";
import { type ReactElement, useRef } from "react";

export interface FileInputOptions {
  /** As the attribute of `<input>`: `image/*`. Absent: files of every kind. */
  accept?: string;
  onFiles(files: readonly File[]): void;
}

/** How somebody chooses files of their device: what opens the choice, and an element that has to be on the page and shows nothing. */
export function useFileInput({ accept, onFiles }: FileInputOptions): { choose(): void; input: ReactElement } {
  const ref = useRef<HTMLInputElement>(null);
  const input = (
    <input
      ref={ref}
      type="file"
      accept={accept}
      multiple
      hidden
      onChange={(event) => {
        if (event.target.files) onFiles([...event.target.files]);
        // The same file may be chosen again.
        event.target.value = "";
      }}
    />
  );
  return { choose: () => ref.current?.click(), input };
}
