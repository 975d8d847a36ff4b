"use client";
import { limits } from "@mirage/protocol/limits";
import { X } from "lucide-react";
import type { FormEvent } from "react";
import { IconButton } from "../icon-button.tsx";
import { usePreferenceLabels } from "./use-preferences.ts";

interface KeywordProps {
  words: readonly string[];
  onChange(words: string[]): void;
}

/** Words that call one like a mention. */
export function KeywordSettings({ words, onChange }: KeywordProps) {
  const labels = usePreferenceLabels();
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const word = String(new FormData(form).get("word") ?? "").trim();
    form.reset();
    if (word !== "" && !words.includes(word)) onChange([...words, word]);
  };
  return (
    <section>
      <h3>{labels.keywordsTitle}</h3>
      <p>{labels.keywordsHint}</p>
      {words.length > 0 && (
        <ul className="mrg-keywords">
          {words.map((word) => (
            <li key={word}>
              <span dir="auto">{word}</span>
              <IconButton
                label={labels.removeKeyword(word)}
                onClick={() => onChange(words.filter((one) => one !== word))}
              >
                <X size={14} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      {words.length < limits.keywords && (
        <form className="mrg-keyword-form" onSubmit={add}>
          <input
            className="mrg-input"
            name="word"
            dir="auto"
            aria-label={labels.keyword}
            placeholder={labels.keyword}
            maxLength={limits.keywordCodePoints}
          />
          <button type="submit" className="mrg-button">
            {labels.addKeyword}
          </button>
        </form>
      )}
    </section>
  );
}
