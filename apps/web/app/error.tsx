"use client";
import { FullPage } from "../web/shell/full-page.tsx";

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <FullPage
      title="This page stopped working"
      text={`What you wrote is kept. ${error.digest === undefined ? "" : `Number for support: ${error.digest}.`}`}
    >
      <button type="button" className="button button-primary" onClick={reset}>
        Try again
      </button>
    </FullPage>
  );
}
