// What can stand at a place: kinds of steps by group, found by writing.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../icon";
import { say } from "../say";
import { builder, set, useBuilder } from "../store";
import type { Place } from "../tree";
import type { Kind } from "../types";
import { addStep, fits, focusStep, hasCopied, pasteFromClipboard } from "../verbs";
import { foundBy } from "./offers";

/** As `sdk/step.py` names them; those of others come after. */
const GROUPS = ["Messages", "Contact", "Conversation", "Logic", "Connections"];

interface Offer {
  id: string;
  group: string;
  icon: string;
  name: string;
  why: string;
  fits: boolean;
  take: () => void;
}

export function Palette() {
  const place = useBuilder((now) => now.adding);
  return place && <Choices place={place} />;
}

function Choices({ place }: { place: Place }) {
  const box = useRef<HTMLDialogElement>(null);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const offers = useMemo(() => offersFor(place), [place]);
  const found = useMemo(() => foundBy(offers, words), [offers, words]);
  const at = Math.min(chosen, found.length - 1);
  // What is typed at once is typed into it.
  useLayoutEffect(() => {
    box.current?.showModal();
  }, []);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, words]);
  const close = (): void => {
    if (builder().adding === null) return;
    set({ adding: null });
    focusStep(place.after);
  };
  const take = (offer: Offer | undefined): void => void (offer?.fits && offer.take());
  const pressed = (event: KeyboardEvent): void => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Enter") take(found[at]);
    else if (to !== undefined && found.length > 0) setChosen((to + found.length) % found.length);
    else return;
    event.preventDefault();
  };
  return (
    <dialog class="palette" ref={box} aria-label={say("add_step")} onClose={close} onClick={(event) => event.target === box.current && close()}>
      <div class="palette-box">
        <input class="palette-words" type="text" role="combobox" aria-label={say("find_step")} placeholder={say("find_step")} autocomplete="off" spellcheck={false} aria-expanded="true" aria-controls="wf-offers" aria-autocomplete="list" aria-activedescendant={found[at] && `wf-offer-${found[at].id}`} value={words} onInput={(event) => (setWords(event.currentTarget.value), setChosen(0))} onKeyDown={pressed} />
        <div class="palette-choices" id="wf-offers" role="listbox" aria-label={say("steps")} tabIndex={-1}>
          {[...new Set(found.map((offer) => offer.group))].map((group) => (
            <div class="palette-group" role="group" aria-label={group} key={group}>
              <p class="palette-heading" aria-hidden="true">
                {group}
              </p>
              {found.map((offer, index) => offer.group === group && <OfferRow offer={offer} selected={index === at} onTake={() => take(offer)} key={offer.id} />)}
            </div>
          ))}
        </div>
        {found.length === 0 && (
          <p class="palette-none" role="status">
            {say("nothing_found")}
          </p>
        )}
      </div>
    </dialog>
  );
}

function OfferRow({ offer, selected, onTake }: { offer: Offer; selected: boolean; onTake: () => void }) {
  return (
    <div class="palette-choice wf-offer" role="option" id={`wf-offer-${offer.id}`} aria-selected={selected} aria-disabled={!offer.fits} onClick={onTake}>
      <Icon icon={offer.icon} />
      <span class="palette-choice-words">
        <span class="wf-offer-name">{offer.name}</span>
        <span class="wf-offer-why">{offer.fits ? offer.why : say("only_at_an_end")}</span>
      </span>
    </div>
  );
}

function offersFor(place: Place): Offer[] {
  const kinds = builder().data.steps.map((kind: Kind): Offer => ({ id: kind.kind, group: kind.group, icon: kind.icon, name: kind.name, why: kind.description, fits: fits(kind, place), take: () => addStep(kind, place) }));
  const groups = [...new Set([...GROUPS, ...kinds.map((offer) => offer.group)])];
  const sorted = groups.flatMap((group) => kinds.filter((offer) => offer.group === group));
  const paste: Offer = { id: "paste", group: say("clipboard"), icon: "clipboard-paste", name: say("paste"), why: say("paste_why"), fits: true, take: () => (set({ adding: null }), void pasteFromClipboard(place)) };
  return hasCopied() ? [paste, ...sorted] : sorted;
}
