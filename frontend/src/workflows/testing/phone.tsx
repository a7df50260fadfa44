// The test phone: the draft as a contact meets it, beside the canvas on which its steps light up.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icon";
import { IconButton, MenuButton } from "../parts";
import { say, sayCount } from "../say";
import { Chat } from "./chat";
import { closePhone, isOver, letSendingFail, openPhone, reset, takeInHand, useSession } from "./session";
import { Setup } from "./setup";
import { Lines, Trail } from "./trail";

const TABS = ["chat", "steps", "contact"] as const;
type Tab = (typeof TABS)[number];

/** The test phone, inside the panel. Steps light up through `set({ lights })`. */
export function Phone() {
  const session = useSession();
  const [tab, setTab] = useState<Tab>("chat");
  useEffect(() => {
    openPhone();
    return closePhone;
  }, []);
  const { told } = session;
  if (!told && session.said.length === 0) return <Setup />;
  const hand = isOver(told) ? [] : (["reply", "assignment", "closing"] as const);
  return (
    <div class="phone">
      <div class="phone-bar">
        <div class="phone-tabs" role="tablist" aria-label={say("test")} onKeyDown={(event) => walk(event, tab, setTab)}>
          {TABS.map((each) => (
            <button type="button" class="tab" role="tab" id={`phone-tab-${each}`} aria-selected={tab === each} aria-controls="phone-part" tabIndex={tab === each ? 0 : -1} onClick={() => setTab(each)} key={each}>
              {each === "steps" ? sayCount("test_steps", session.trail.filter(({ entered }) => entered).length) : say(`test_${each}`)}
            </button>
          ))}
        </div>
        <IconButton size="sm" label={say("test_again")} icon="rotate-ccw" onClick={reset} />
        <MenuButton
          label={say("test_more")}
          icon="ellipsis"
          classes="btn btn-square btn-plain btn-sm"
          choices={() => [
            ...hand.map((each) => ({ icon: "hand", words: say(`test_hand_${each}_do`), act: () => void takeInHand(each) })),
            { icon: session.sendingFails ? "check" : "circle-off", words: say(session.sendingFails ? "test_sending_works" : "test_sending_fails"), act: () => letSendingFail(!session.sendingFails) },
          ]}
        />
      </div>
      {session.error && (
        <p class="phone-error" role="alert">
          <Icon icon="circle-alert" size="sm" />
          <span>{session.error}</span>
        </p>
      )}
      <div class="phone-part" id="phone-part" role="tabpanel" aria-labelledby={`phone-tab-${tab}`}>
        {tab === "chat" && <Chat session={session} />}
        {tab === "steps" && <Scrolled count={session.trail.length}><Trail trail={session.trail} trigger={session.trigger} /></Scrolled>}
        {tab === "contact" && told && (
          <div class="phone-scroll">
            <Lines title={say("test_contact")} lines={told.contact} />
            <Lines title={say("test_variables")} lines={told.variables} none={say("test_no_variables")} />
          </div>
        )}
      </div>
    </div>
  );
}

/** Goes to its end when there is more. */
function Scrolled({ count, children }: { count: number; children: preact.ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => void (box.current && (box.current.scrollTop = box.current.scrollHeight)), [count]);
  return (
    <div class="phone-scroll" ref={box} tabIndex={0}>
      {children}
    </div>
  );
}

function walk(event: KeyboardEvent, tab: Tab, setTab: (tab: Tab) => void): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? tab;
  setTab(next);
  document.getElementById(`phone-tab-${next}`)?.focus();
}
