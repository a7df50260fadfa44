// What can be done with a step: the menu on its card, and behind keys.
import { MAC } from "../../search/shortcuts";
import type { Choice } from "../parts";
import { say, sayCount } from "../say";
import { builder, set } from "../store";
import { TRIGGER, below } from "../tree";
import { choose, copyToClipboard, cutToClipboard, deleteStep, duplicate, fold, pasteFromClipboard, placeAfter } from "../verbs";

const CONTROL = MAC ? "⌘" : "Ctrl ";

export function choicesFor(id: string): (Choice | null)[] {
  const place = placeAfter(id);
  const add: Choice[] = place ? [{ icon: "plus", words: say("add_after"), keys: "A", act: () => set({ adding: place }) }] : [];
  const paste: Choice[] = place ? [{ icon: "clipboard-paste", words: say("paste_after"), keys: `${CONTROL}V`, act: () => void pasteFromClipboard(place) }] : [];
  if (id === TRIGGER) return [{ icon: "settings-2", words: say("open"), keys: "↵", act: () => choose(id) }, ...add, ...paste];
  const { definition, folded } = builder();
  const number = below(definition, id).length - 1;
  const hide: Choice = folded.has(id) ? { icon: "unfold-vertical", words: say("unfold"), act: () => fold(id) } : { icon: "fold-vertical", words: say("fold"), act: () => fold(id) };
  return [
    { icon: "settings-2", words: say("open"), keys: "↵", act: () => choose(id) },
    { icon: "pencil", words: say("rename"), keys: "F2", act: () => set({ renaming: id }) },
    ...add,
    null,
    { icon: "copy", words: number > 0 ? sayCount("copy_with", number) : say("copy"), keys: `${CONTROL}C`, act: () => void copyToClipboard(id) },
    { icon: "scissors", words: say("cut"), keys: `${CONTROL}X`, act: () => void cutToClipboard(id) },
    ...paste,
    { icon: "copy-plus", words: say("duplicate"), keys: `${CONTROL}D`, act: () => duplicate(id) },
    { icon: "move", words: say("move"), keys: "M", act: () => set({ moving: id }) },
    ...(number > 0 ? [hide] : []),
    null,
    { icon: "trash-2", words: number > 0 ? say("delete_more") : say("delete"), keys: "Del", act: () => deleteStep(id), error: true },
  ];
}
