/**
 * The chat on somebody's website: `<script src="https://…/static/widget.js" data-channel="…" async></script>`.
 *
 * Nothing here may disturb the page that hosts it: no global but `ismessenger`, no exception, no style outside its shadow root.
 */

import { Api, Refused } from "./api"
import { Chat } from "./chat"
import { guarded } from "./dom"
import { preview } from "./preview"
import { Store } from "./store"
import type { Identity, Options } from "./types"

const ATTEMPTS = 6
const FIRST_PAUSE_MS = 1000

/** What the page that carries the chat may call. */
interface PublicApi {
  open: () => void
  close: () => void
  identify: (identity: Identity) => void
  forget: () => void
}

declare global {
  interface Window {
    ismessenger?: PublicApi
  }
}

const script = document.currentScript

guarded(() => {
  if (!(script instanceof HTMLScriptElement)) return
  if (document.body) return guarded(start)(script)
  addEventListener("DOMContentLoaded", guarded(() => start(script)))
})()

async function start(tag: HTMLScriptElement): Promise<void> {
  if (tag.dataset["preview"]) return preview(JSON.parse(tag.dataset["preview"]) as Options)
  const route = tag.dataset["channel"]
  if (!route || window.ismessenger) return
  const store = new Store(route)
  const api = new Api(`${tag.src.replace(/\/static\/.*$/, "")}/widget/${encodeURIComponent(route)}`, store)
  api.identity = identityOf(tag)
  let chat: Chat | undefined
  const waiting: ((chat: Chat) => void)[] = []
  // Calls that come before the options have arrived wait for them.
  const later = (work: (chat: Chat) => void): void => void (chat ? work(chat) : waiting.push(work))
  window.ismessenger = {
    open: guarded(() => later((ready) => ready.open())),
    close: guarded(() => later((ready) => ready.panel.close())),
    identify: guarded((identity: Identity) => later((ready) => isIdentity(identity) && ready.identify(identity))),
    forget: guarded(() => later((ready) => ready.forget())),
  }
  dispatchEvent(new Event("ismessenger:ready"))
  const options = await optionsFrom(api)
  if (!options) return
  chat = new Chat(api, store, options)
  chat.mount()
  for (const work of waiting) work(chat)
}

/** Asked for again, for about half a minute, while the server may only be away. A browser does not tell that from a website that is not allowed. */
async function optionsFrom(api: Api): Promise<Options | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await api.options()
    } catch (error) {
      if (attempt === 0) console.warn("[chat] This channel cannot be shown on this page.")
      if (!(error instanceof Refused && error.passing)) return
      const pause = Math.max(error.retryAfterMs, FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2))
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

/** A page made by a server can name its user in the tag itself: data-user-id, data-user-hash, data-user-name, data-user-email. */
function identityOf(tag: HTMLScriptElement): Identity | undefined {
  const { userId, userHash, userName, userEmail } = tag.dataset
  return userId && userHash ? { user_id: userId, hash: userHash, name: userName, email: userEmail } : undefined
}

function isIdentity(given: unknown): given is Identity {
  const fields = given as Partial<Identity> | null | undefined
  return typeof fields?.user_id === "string" && typeof fields.hash === "string"
}
