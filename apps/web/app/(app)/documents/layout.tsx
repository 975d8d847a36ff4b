import type { ReactNode } from "react";
import { DocumentsGate } from "../../../web/documents/documents-gate.tsx";

export default function DocumentsLayout({ children }: { children: ReactNode }) {
  return <DocumentsGate>{children}</DocumentsGate>;
}
