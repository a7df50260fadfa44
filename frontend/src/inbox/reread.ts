// A list whose cards only the server can tell reads its first page again, in place: what is scrolled to and focused stays.
import { morphChildren } from "@hotwired/turbo";
import { workspaceHeader } from "../workspace";

export async function readCards(cards: HTMLElement): Promise<void> {
  // Whoever has leafed on, or chooses cards, keeps what they see until the page is loaded again.
  if (cards.querySelector("turbo-frame[complete]") || cards.closest("[data-choosing]")) return;
  const answer = await fetch(location.href, { headers: { ...workspaceHeader(), "Turbo-Frame": "conversation_list", Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || !cards.isConnected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector<HTMLElement>('[data-controller~="list"]');
  if (fresh?.dataset["listInboxValue"] !== cards.dataset["listInboxValue"]) return;
  morphChildren(cards, fresh as HTMLElement);
}
