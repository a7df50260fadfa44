// What we use of packages that bring no types.

declare module "@hotwired/turbo" {
  export interface StreamElement extends HTMLElement {
    readonly target: string;
    readonly templateContent: DocumentFragment;
    readonly templateElement: HTMLTemplateElement;
    render(): Promise<void>;
  }
  export interface FrameElement extends HTMLElement {
    src: string | null;
    /** Its `action` is how the frame changes the address of the page, if it does. */
    readonly delegate: { readonly action: "advance" | "replace" | null };
    readonly loaded: Promise<void>;
    reload(): Promise<void>;
  }
  export const cache: { exemptPageFromCache(): void };
  export const navigator: { readonly currentVisit?: object; stop(): void };
  export const session: {
    readonly view: { lastRenderedLocation: URL };
    readonly streamMessageRenderer: { render(message: { fragment: DocumentFragment }): void };
  };
  export const StreamActions: Record<string, (this: StreamElement) => void>;
  export function renderStreamMessage(html: string): void;
  export function morphElements(current: Element, next: Element | DocumentFragment): void;
  export function morphChildren(current: Element, next: Element): void;
  export function visit(location: string, options?: { action?: "advance" | "replace"; frame?: string }): void;
}

declare module "virtual:emoji" {
  /** Per group the characters, each with the words to find it by. */
  const groups: [string, string][][];
  export default groups;
}
