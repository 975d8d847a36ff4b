import "@mirage/react/documents.css";
import { DocumentPage } from "../../../../web/documents/document-page.tsx";

export default async function Page({ params }: { params: Promise<{ documentId: string }> }) {
  const { documentId } = await params;
  return <DocumentPage documentId={decodeURIComponent(documentId)} />;
}
