import type { Metadata } from "next";
import { Suspense } from "react";
import { DocumentsPage } from "../../../web/documents/documents-page.tsx";

export const metadata: Metadata = { title: "Documents" };

export default function Page() {
  return (
    <Suspense>
      <DocumentsPage />
    </Suspense>
  );
}
