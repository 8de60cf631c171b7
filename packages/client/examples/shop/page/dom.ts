// Finds and changes elements. What an element already says is not written again, so that screen readers stay calm.

/** The element with an id. A page without it is a mistake of ours. */
export function byId<E extends Element>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} with the id ${id}`);
}

/** A part of a copied template. */
export function part<E extends Element>(root: Element, name: string, type: new () => E): E {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (found instanceof type) return found;
  throw new Error(`the template has no ${type.name} with the name ${name}`);
}

/** A copy of a template's only element. */
export function copy(templateId: string): HTMLElement {
  const copied = byId(templateId, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (copied instanceof HTMLElement) return copied;
  throw new Error(`the template ${templateId} is empty`);
}

/** A new element with a class and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setShown(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** A coloured word, such as "On sale". */
export function setChip(element: HTMLElement, text: string, tone: Tone): void {
  setText(element, text);
  if (element.dataset.tone !== tone) element.dataset.tone = tone;
}

export type Tone = "good" | "wait" | "bad" | "quiet";
