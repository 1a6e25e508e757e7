// Small helpers around the document: elements are made here, never from strings of markup, so that
// nothing that comes from an application or an operator can become markup.

/** Make an element: attributes by name, `on…` as listeners, children as nodes or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (id) => document.getElementById(id);

/**
 * Replace what is in a container, and leave the keyboard where it was: a list that is drawn anew every
 * few seconds would otherwise throw its reader back to the top of the page.
 */
export function replaceKeepingFocus(container, ...children) {
  const active = document.activeElement;
  const key = container.contains(active) ? active.dataset.key : undefined;
  const [top, left] = scrolled(container);
  container.replaceChildren(...children.flat().filter(Boolean));
  Object.assign(scroller(container), { scrollTop: top, scrollLeft: left });
  if (key) container.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

const scroller = (container) => container.querySelector(".scroll") ?? container;
const scrolled = (container) => [scroller(container).scrollTop, scroller(container).scrollLeft];

/** Draw only when what is told has changed. */
const drawn = new WeakMap();
export function drawWhenChanged(container, told, draw) {
  const now = JSON.stringify(told);
  if (drawn.get(container) === now) return;
  drawn.set(container, now);
  draw();
}

/** A table with a caption for screen readers; cells may be nodes, text, or `{value, class}`. */
export function table(caption, heads, rows, className = "") {
  const cell = (tag, content, extra = {}) => {
    const plain = content !== null && typeof content === "object" && !(content instanceof Node);
    return plain
      ? make(tag, { ...extra, class: content.class }, content.value)
      : make(tag, extra, content ?? "–");
  };
  const head = make(
    "tr",
    {},
    heads.map((each) => cell("th", each, { scope: "col" })),
  );
  const body = rows.map(([first, ...rest]) =>
    make(
      "tr",
      {},
      cell("th", first, { scope: "row" }),
      rest.map((each) => cell("td", each)),
    ),
  );
  const whole = make(
    "table",
    { class: className },
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, head),
    make("tbody", {}, body),
  );
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption, "data-key": caption },
    whole,
  );
}
