// Dialogs, menus and small buttons, with the looks of the other pages.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";
import { say } from "./say";

/** A dialog that is open as long as it is drawn. */
export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => void (before instanceof HTMLElement && before.isConnected && before.focus());
  }, []);
  const outside = (event: MouseEvent): void => void (event.target === box.current && onClose());
  return (
    <dialog class="modal" ref={box} aria-labelledby="wf-dialog-title" onClose={onClose} onClick={outside}>
      <div class={wide ? "modal-box dialog-box wf-dialog-wide" : "modal-box dialog-box"}>
        <h2 id="wf-dialog-title">{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A button that shows only an icon; its name is read out and shown on hover. */
export function IconButton({ label, icon, onClick, pressed, disabled = false, keys, size = "md" }: { label: string; icon: string; onClick: () => void; pressed?: boolean; disabled?: boolean; keys?: string; size?: "sm" | "md" }) {
  const title = keys ? `${label} (${keys})` : label;
  return (
    <button type="button" class={`btn btn-square btn-plain btn-${size}`} aria-label={label} title={title} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
      <Icon icon={icon} />
    </button>
  );
}

export interface Choice {
  icon: string;
  words: string;
  keys?: string;
  act?: () => void;
  href?: string;
  error?: boolean;
}

/** A list of choices over the page, where its opener stands. Null draws a line. */
export function Menu({ at, label, choices, onClose }: { at: DOMRect; label: string; choices: (Choice | null)[]; onClose: () => void }) {
  const panel = useRef<HTMLDivElement>(null);
  const [spot, setSpot] = useState({ left: at.left, top: at.bottom + 4 });
  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    const before = document.activeElement;
    element.showPopover();
    const { offsetWidth: width, offsetHeight: height } = element;
    const top = at.bottom + height + 8 < innerHeight ? at.bottom + 4 : Math.max(4, at.top - height - 4);
    setSpot({ left: Math.max(4, Math.min(at.left, innerWidth - width - 4)), top });
    items(element)[0]?.focus();
    return () => void (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body && before.focus());
  }, []);
  const toggled = (event: { newState: string }): void => void (event.newState === "closed" && onClose());
  const pick = (choice: Choice): void => {
    panel.current?.hidePopover();
    choice.act?.();
  };
  return (
    <div class="menu-panel wf-menu" popover="auto" role="menu" aria-label={label} ref={panel} style={{ left: `${spot.left}px`, top: `${spot.top}px` }} onToggle={toggled} onKeyDown={moveInMenu}>
      {choices.map((choice) =>
        choice === null ? <div class="menu-line" /> : choice.href ? (
          <a class="menu-item" role="menuitem" href={choice.href} data-turbo="false" onClick={() => panel.current?.hidePopover()}>
            <Icon icon={choice.icon} size="sm" />
            {choice.words}
          </a>
        ) : (
          <button type="button" class={choice.error ? "menu-item text-error" : "menu-item"} role="menuitem" onClick={() => pick(choice)}>
            <Icon icon={choice.icon} size="sm" />
            <span>{choice.words}</span>
            {choice.keys && <kbd class="kbd kbd-sm wf-menu-keys">{choice.keys}</kbd>}
          </button>
        ),
      )}
    </div>
  );
}

function items(panel: HTMLElement): HTMLElement[] {
  return [...panel.querySelectorAll<HTMLElement>(".menu-item")];
}

function moveInMenu(event: KeyboardEvent): void {
  const all = items(event.currentTarget as HTMLElement);
  const now = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key];
  event.stopPropagation();
  if (to === undefined) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}

/** A button with a menu. */
export function MenuButton({ label, icon, choices, classes = "btn btn-square btn-plain" }: { label: string; icon: string; choices: () => (Choice | null)[]; classes?: string }) {
  const [at, setAt] = useState<DOMRect | null>(null);
  const open = (event: MouseEvent): void => setAt((event.currentTarget as HTMLElement).getBoundingClientRect());
  return (
    <>
      <button type="button" class={classes} aria-label={label} title={label} aria-haspopup="menu" aria-expanded={at !== null} onClick={open}>
        <Icon icon={icon} />
      </button>
      {at && <Menu at={at} label={label} choices={choices()} onClose={() => setAt(null)} />}
    </>
  );
}

/** The two buttons at the foot of a dialog. */
export function DialogActions({ words, onClose, busy = false, error = false, onAct }: { words: string; onClose: () => void; busy?: boolean; error?: boolean; onAct?: () => void }) {
  return (
    <div class="dialog-actions">
      <button type="button" class="btn btn-quiet" onClick={onClose}>
        {say("cancel")}
      </button>
      <button type={onAct ? "button" : "submit"} class={`btn ${error ? "btn-error" : "btn-primary"}`} disabled={busy} onClick={onAct}>
        {words}
      </button>
    </div>
  );
}
