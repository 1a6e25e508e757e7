// The operator's key: asked for once, kept for this browser tab alone, forgotten when it is refused.

import { find } from "./elements.js";
import { ProblemError, send } from "./interface.js";

const NAME = "octroi-operator-key";
const NOT_KNOWN = "The key was refused: it is not known, or not active any more.";

export const holdsKey = () => Boolean(sessionStorage.getItem(NAME));

export function forgetKey() {
  sessionStorage.removeItem(NAME);
  showKeyState();
}

export function showKeyState() {
  const button = find("key");
  button.textContent = holdsKey() ? "Forget key" : "Enter key";
  button.title = holdsKey()
    ? "An operator's key is held for this tab"
    : "Changes need a key with the role operate";
}

/** Ask for the key in a dialog; null when the operator gives up. */
export function askForKey(refusal = "") {
  const dialog = find("key-dialog");
  const field = find("key-field");
  find("key-refusal").textContent = refusal;
  find("key-refusal").hidden = !refusal;
  field.value = "";
  field.setAttribute("aria-invalid", String(Boolean(refusal)));
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    const closed = () => {
      const key = dialog.returnValue === "use" ? field.value.trim() : "";
      // The field must not hold the key any longer than needed.
      field.value = "";
      if (key) sessionStorage.setItem(NAME, key);
      showKeyState();
      resolve(key || null);
    };
    dialog.addEventListener("close", closed, { once: true });
  });
}

/**
 * Send a change with the operator's key; a refused key is asked for again, with the reason.
 * Returns whether it was sent: false when the operator gave up. Throws what else went wrong.
 */
export async function change(path, body = null) {
  let refusal = "";
  for (;;) {
    const key = (!refusal && sessionStorage.getItem(NAME)) || (await askForKey(refusal));
    if (!key) return false;
    try {
      await send(path, key, body);
      return true;
    } catch (error) {
      if (!(error instanceof ProblemError) || ![401, 403].includes(error.status)) throw error;
      forgetKey();
      refusal = error.status === 401 ? NOT_KNOWN : `The key was refused. ${error.message}`;
    }
  }
}
