import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Token, Trigger } from "../../compose/complete";
import { Completion } from "../../compose/completion";
import { askedOf, emojiOptions, filesOf, namedOptions } from "../../compose/options";
import { Icon } from "../icon";
import { say, sayCount } from "../say";
import { insertion, matching, mentioned, pieces, tokenAt } from "./complete";
import { FilesContext, useForm } from "./context";
import type { InputProps } from "./field_input";
import type { Offer } from "./reach";
import type { Shape } from "./shape";
import { lengthOf } from "./values";

type Written = InputProps & { shape: Extract<Shape, { is: "text" }> };

const NEAR = 0.8; // From here on, how much is left of a text stands in colour.
const SNIPPETS = "/snippets";

/** A text with variables, and, where people read it, with the snippets and emoji of the composer. */
export function WrittenInput({ field, shape, value, path, id, described }: Written) {
  const { change } = useForm();
  const text = typeof value === "string" ? value : "";
  const { input, list, panel, aside, offers, open, said, toggle } = useCompletion(shape);

  const button = shape.variables && offers.length > 0 && (
    <button type="button" class={shape.many ? "btn btn-plain btn-sm" : "btn btn-plain btn-sm btn-square form-written-button"} aria-label={`${say("form_put_variable")}${field.label ? `: ${field.label}` : ""}`} title={say("form_put_variable")} aria-expanded={open} onMouseDown={(event) => event.preventDefault()} onClick={toggle}>
      <Icon icon="braces" size="sm" />
      {shape.many && <span aria-hidden="true">{say("form_variable")}</span>}
    </button>
  );
  const common = {
    id, ref: input, value: text, placeholder: field.placeholder, autocomplete: "off", ...described,
    onInput: () => change(path, input.current?.value === "" && field.optional ? null : (input.current?.value ?? "")),
  };
  return (
    <div class="form-written">
      <div class="complete-place">
        {shape.many ? <textarea {...common} class={shape.code ? "textarea form-code" : "textarea"} rows={shape.code ? 6 : 4} dir="auto" spellcheck={!shape.code} /> : <input {...common} class={button ? "input form-with-button" : "input"} type="text" dir="auto" />}
        {!shape.many && button}
        <div class="complete-panel" ref={panel} hidden={!open}>
          <div class="complete-list" id={`${id}_list`} ref={list} role="listbox" aria-label={say("form_put_in")} />
          <div class="complete-preview" ref={aside} hidden>
            <p class="complete-preview-words" dir="auto" />
          </div>
        </div>
      </div>
      <div class="form-written-foot" hidden={!shape.many}>
        {shape.many && button}
        {shape.many && shape.most !== undefined && <Counter length={lengthOf(text)} most={shape.most} />}
      </div>
      {shape.many && !shape.code && <Preview text={text} offers={offers} />}
      <span class="sr-only" role="status">{said}</span>
    </div>
  );
}

/** The composer's list over this text, with what can be put in here. */
function useCompletion(shape: Written["shape"]) {
  const { offers: variables, secrets, things } = useForm();
  const addFiles = useContext(FilesContext);
  const offers = shape.secrets ? [...variables, ...secrets] : variables;
  const members = shape.mentions ? (things["member"] ?? []).map(({ name }) => mentioned(name)) : [];
  const [input, panel, list, aside] = [useRef<HTMLTextAreaElement & HTMLInputElement>(null), useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)];
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const completion = useRef<Completion | null>(null);
  const now = useRef({ shape, offers, members, addFiles });
  now.current = { shape, offers, members, addFiles };

  useEffect(() => {
    const [text, around] = [input.current, input.current?.parentElement];
    if (!text || !around || !panel.current || !list.current || !aside.current) return undefined;
    const made = new Completion(around, { text, panel: panel.current, list: list.current, aside: aside.current }, {
      asked: (words, caret) => tokenAt(words, caret, triggersOf(now.current.shape)),
      find: (token, signal) => find(token, signal, text, now.current),
      shown: (number) => (setOpen(number > 0), setSaid(sayCount("form_choices", number)), panel.current?.scrollIntoView({ block: "nearest" })),
      closed: () => (setOpen(false), setSaid("")),
      took: (option) => now.current.addFiles(filesOf(option)),
    });
    completion.current = made;
    return () => made.end();
  }, []);

  const toggle = (): void => {
    const start = input.current?.selectionStart ?? 0;
    input.current?.focus();
    if (completion.current?.open) completion.current.close();
    else void completion.current?.offer({ trigger: "$", query: "", start });
  };
  return { input, panel, list, aside, offers, open, said, toggle };
}

function triggersOf({ variables, mentions, many, code }: Written["shape"]): ReadonlySet<Trigger> {
  const said: [Trigger, boolean][] = [["$", variables], ["@", mentions], ["/", many && !code], ["::", many && !code]];
  return new Set(said.filter(([, offered]) => offered).map(([trigger]) => trigger));
}

async function find(token: Token, signal: AbortSignal, { value, selectionStart }: HTMLInputElement, { offers, members }: { offers: readonly Offer[]; members: readonly Offer[] }): Promise<Node> {
  if (token.trigger === "::") return emojiOptions(token.query);
  if (token.trigger === "/") return askedOf(SNIPPETS, token.query, signal);
  const found = matching(token.trigger === "@" ? members : offers, token.query);
  const words = (offer: Offer): string => [offer.written ?? `$${offer.name}`, offer.from].filter(Boolean).join(" · ");
  return namedOptions(found.map((offer) => ({ insert: insertion(value, selectionStart ?? token.start, token, offer), name: offer.label, words: words(offer) })));
}

function Counter({ length, most }: { length: number; most: number }) {
  if (length < most * NEAR) return null;
  const words = say("form_of", { number: new Intl.NumberFormat(document.documentElement.lang).format(length), most: new Intl.NumberFormat(document.documentElement.lang).format(most) });
  return <span class="form-counter" data-over={length > most}>{words}</span>;
}

/** How the text reads, with the names of what is put in. */
function Preview({ text, offers }: { text: string; offers: readonly Offer[] }) {
  const found = pieces(text, offers);
  if (!found.some(({ variable }) => variable)) return null;
  return (
    <p class="form-preview" dir="auto">
      <span class="sr-only">{say("form_reads")} </span>
      {found.map(({ words, variable }, index) => (variable ? <span key={index} class="form-variable" title={words}>{variable.label}</span> : words))}
    </p>
  );
}
