/** Which language the widget speaks, and its words. */

import { ar } from "./words/ar"
import { de } from "./words/de"
import { en, type Words } from "./words/en"
import { es } from "./words/es"
import { fr } from "./words/fr"
import { id } from "./words/id"
import { pt } from "./words/pt"
import { zh } from "./words/zh"

const ALL: Record<string, Words> = { ar, de, en, es, fr, id, pt, zh }

export interface Speech {
  language: string
  /** The visitor's own kind of the language, for times and numbers: a British visitor gets British times. */
  locale: string
  direction: "ltr" | "rtl"
  say: (key: keyof Words, filled?: Record<string, string | number>) => string
}

/** The chosen language, or with "auto" the first of the browser's that we speak, else English. */
export function speech(chosen: string): Speech {
  const wanted = chosen === "auto" ? navigator.languages : [chosen]
  const language = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find((tag) => tag in ALL) ?? "en"
  const words = ALL[language] ?? en
  return {
    language,
    locale: navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language,
    direction: language === "ar" ? "rtl" : "ltr",
    say: (key, filled = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole)),
  }
}
