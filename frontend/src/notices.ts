// A sentence for a while, in the corner of the page.

/** Show a sentence for a while, and return its element. */
export function notify(words: string): HTMLElement {
  const note = document.createElement("div");
  note.className = "toast-note";
  note.setAttribute("role", "alert");
  note.dataset["controller"] = "toast";
  note.textContent = words;
  document.getElementById("toasts")?.append(note);
  return note;
}
