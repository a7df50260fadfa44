import { Controller } from "@hotwired/stimulus";
import { type Asked, inputsFor, isPicked } from "../conditions/inputs";
import { picker } from "../conditions/picker";
import { type Group, isFinished, isGroup, type Leaf, leavesOf, MAX_DEPTH, MAX_LEAVES, newLeaf, type One, read, type Schema, shapeOf, type Subject, written } from "../conditions/tree";
import { operatorWords, optionsOf, subjectWords, type Words } from "../conditions/words";

const PAUSE_MS = 250;

/** Edits a tree of conditions. The hidden input holds it as JSON and tells "change"; what happens inside is told to nobody else. */
export default class ConditionsController extends Controller<HTMLElement> {
  static targets = ["result", "root", "group", "leaf", "picker"];
  static values = { schema: Object, words: Object, label: String };
  declare readonly resultTarget: HTMLInputElement;
  declare readonly rootTarget: HTMLElement;
  declare readonly groupTarget: HTMLTemplateElement;
  declare readonly leafTarget: HTMLTemplateElement;
  declare readonly pickerTarget: HTMLTemplateElement;
  declare schemaValue: Schema;
  declare readonly wordsValue: Words;
  declare readonly labelValue: string;
  private schema!: Schema;
  private words!: Words;
  private tree!: Group;
  private form: HTMLFormElement | null = null;
  private told = "";
  private timer = 0;

  connect(): void {
    [this.schema, this.words] = [this.schemaValue, this.wordsValue];
    this.tree = read(JSON.parse(this.resultTarget.value || "{}"), this.schema.faults);
    this.told = JSON.stringify(written(this.tree));
    this.draw();
    for (const kind of ["input", "change"]) this.rootTarget.addEventListener(kind, keepInside);
    this.form = this.element.closest("form");
    this.form?.addEventListener("submit", this.refuse, true);
  }

  disconnect(): void {
    clearTimeout(this.timer);
    for (const kind of ["input", "change"]) this.rootTarget.removeEventListener(kind, keepInside);
    this.form?.removeEventListener("submit", this.refuse, true);
    this.rootTarget.replaceChildren();
  }

  private draw(): void {
    this.rootTarget.replaceChildren(this.group(this.tree, 1, null));
  }

  /** `within` is the group around it; the outermost has none. */
  private group(group: Group, depth: number, within: Group | null): HTMLElement {
    const element = clone(this.groupTarget);
    const [joiner, items, add, nest, remove] = [
      part<HTMLSelectElement>(element, "joiner"), part(element, "items"), part<HTMLButtonElement>(element, "add"), part<HTMLButtonElement>(element, "nest"), part(element, "remove"),
    ];
    element.setAttribute("aria-label", this.labelValue);
    joiner.value = group.joiner;
    joiner.addEventListener("change", () => {
      group.joiner = joiner.value === "$or" ? "$or" : "$and";
      this.tell();
    });
    joiner.hidden = group.items.length < 2 && !within;
    items.append(...group.items.map((item) => this.item(item, group, depth)));
    const full = leavesOf(this.tree).length >= MAX_LEAVES;
    add.disabled = full;
    nest.disabled = full;
    nest.hidden = depth >= MAX_DEPTH;
    add.addEventListener("click", () => this.insert(group, newLeaf()));
    nest.addEventListener("click", () => this.insert(group, { joiner: group.joiner === "$and" ? "$or" : "$and", items: [newLeaf()] }));
    remove.hidden = !within;
    remove.addEventListener("click", () => within && this.remove(within, group));
    return element;
  }

  private item(item: Group | Leaf, within: Group, depth: number): HTMLElement {
    const row = document.createElement("li");
    row.append(isGroup(item) ? this.group(item, depth + 1, within) : this.leaf(item, within));
    return row;
  }

  private leaf(leaf: Leaf, within: Group): HTMLElement {
    const element = clone(this.leafTarget);
    const subject = part<HTMLSelectElement>(element, "subject");
    this.fillSubjects(subject, leaf);
    subject.addEventListener("change", () => {
      const chosen = this.schema.subjects[Number(subject.value)];
      if (!chosen) return;
      Object.assign(leaf, { category: chosen.category, field: chosen.field ?? "", operator: "", value: undefined });
      this.drawRest(element, leaf);
      this.changed(element, leaf);
    });
    part(element, "remove").addEventListener("click", () => this.remove(within, leaf));
    this.drawRest(element, leaf);
    this.sayFault(element, leaf.fault);
    return element;
  }

  private fillSubjects(select: HTMLSelectElement, leaf: Leaf): void {
    const known = this.schema.subjects.indexOf(this.subjectOf(leaf) as Subject);
    const first = new Option(known < 0 && leaf.category ? (leaf.category === "variable" ? this.words.goneVariable : this.words.gone) : this.words.choose, "", true, known < 0);
    [first.disabled, first.hidden] = [true, true];
    const groups = [this.words.others, this.words.fields, this.words.variables].map((label) => Object.assign(document.createElement("optgroup"), { label }));
    this.schema.subjects.forEach((subject, index) => {
      const option = new Option(subjectWords(this.words, subject), String(index), false, index === known);
      groups[["contactField", "variable"].indexOf(subject.category) + 1]?.append(option);
    });
    select.append(first, ...groups.filter((group) => group.childElementCount > 0));
  }

  /** The operator and the values: they follow from the subject. */
  private drawRest(element: HTMLElement, leaf: Leaf): void {
    const subject = this.subjectOf(leaf);
    const operator = part<HTMLSelectElement>(element, "operator");
    operator.hidden = !subject;
    const kinds = subject ? (this.schema.operators[subject.kind] ?? []) : [];
    if (subject && !leaf.operator) leaf.operator = kinds[0] ?? "";
    operator.replaceChildren(...kinds.map((each) => new Option(operatorWords(this.words, subject?.kind ?? "", each), each, false, each === leaf.operator)));
    operator.onchange = () => {
      const before = shapeOf(leaf.operator);
      leaf.operator = operator.value;
      if (shapeOf(leaf.operator) !== before || subject?.kind === "moment") leaf.value = kept(leaf);
      this.drawValue(element, leaf, subject);
      this.changed(element, leaf);
    };
    this.drawValue(element, leaf, subject);
  }

  private drawValue(element: HTMLElement, leaf: Leaf, subject: Subject | undefined): void {
    const place = part(element, "value");
    place.replaceChildren();
    if (!subject) return;
    const asked: Asked = { kind: subject.kind, options: optionsOf(this.schema, subject, this.words) };
    const changed = (): void => this.changed(element, leaf);
    if (!isPicked(asked, leaf.operator)) {
      place.append(...inputsFor(leaf, asked, this.words, changed));
      return;
    }
    const several = shapeOf(leaf.operator) === "list";
    const chosen = leaf.value === undefined ? [] : Array.isArray(leaf.value) ? leaf.value : [leaf.value];
    const put = (values: One[]): void => {
      leaf.value = several ? values : values[0];
      changed();
    };
    place.append(picker(this.pickerTarget.content.cloneNode(true) as DocumentFragment, { options: asked.options ?? [], chosen, several, changed: put }, this.words));
  }

  private subjectOf({ category, field }: Leaf): Subject | undefined {
    return this.schema.subjects.find((subject) => subject.category === category && (subject.field ?? "") === field);
  }

  private insert(group: Group, item: Group | Leaf): void {
    group.items.push(item);
    this.draw();
    const subjects = [...this.rootTarget.querySelectorAll<HTMLSelectElement>('[data-part="subject"]')];
    subjects[leavesOf(this.tree).indexOf(isGroup(item) ? (item.items[0] as Leaf) : item)]?.focus();
  }

  private remove(group: Group, item: Group | Leaf): void {
    const at = leavesOf(this.tree).indexOf(isGroup(item) ? (leavesOf(item)[0] as Leaf) : item);
    group.items.splice(group.items.indexOf(item), 1);
    this.draw();
    const buttons = [...this.rootTarget.querySelectorAll<HTMLElement>(".condition-remove")];
    (buttons[Math.min(Math.max(at, 0), buttons.length - 1)] ?? this.rootTarget.querySelector<HTMLElement>('[data-part="add"]'))?.focus();
    this.tell();
  }

  private changed(element: HTMLElement, leaf: Leaf): void {
    leaf.fault = "";
    this.sayFault(element, "");
    this.tell();
  }

  /** The input holds it at once; "change" comes when the typing pauses. */
  private tell(): void {
    const json = JSON.stringify(written(this.tree));
    this.resultTarget.value = json;
    // Should this page come back out of a cache, the faults still belong to the right conditions.
    this.schemaValue = { ...this.schema, faults: leavesOf(this.tree).filter(isFinished).map((leaf) => leaf.fault) };
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (json === this.told) return;
      this.told = json;
      this.resultTarget.dispatchEvent(new Event("change", { bubbles: true }));
    }, PAUSE_MS);
  }

  private sayFault(element: HTMLElement, fault: string): void {
    const place = part(element, "fault");
    place.hidden = !fault;
    (place.querySelector("span") as HTMLElement).textContent = fault;
    element.toggleAttribute("data-broken", Boolean(fault));
  }

  /** The browser itself sees to empty inputs; what is chosen in a panel it cannot see. */
  private readonly refuse = (event: Event): void => {
    const open = leavesOf(this.tree).findIndex((leaf) => !isFinished(leaf));
    if (open < 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const element = this.rootTarget.querySelectorAll<HTMLElement>(".condition-leaf")[open];
    if (!element) return;
    this.sayFault(element, this.words.unfinished);
    element.querySelector<HTMLElement>(".condition-chosen, .condition-value input, .condition-subject")?.focus();
  };
}

/** What of a value still fits another operator. */
function kept({ operator, value }: Leaf): Leaf["value"] {
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const wantsLength = ["isGreaterThan", "isLessThan"].includes(operator);
  if (values.some((each) => typeof each === "object") !== wantsLength) return undefined;
  switch (shapeOf(operator)) {
    case "list":
      return values;
    case "one":
      return values[0];
    default:
      return undefined;
  }
}

function keepInside(event: Event): void {
  event.stopPropagation();
}

function clone(template: HTMLTemplateElement): HTMLElement {
  return (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
}

function part<Kind extends HTMLElement = HTMLElement>(element: HTMLElement, name: string): Kind {
  return element.querySelector<Kind>(`[data-part="${name}"]`) as Kind;
}
