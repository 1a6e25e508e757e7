// Changes by an operator: each asks for what it needs, is sent with the key, and its end is told.

import { change } from "./access.js";
import { find } from "./elements.js";
import { DisconnectedError } from "./interface.js";
import { tell } from "./panels.js";

const UNSURE = "No answer came: whether it was done will show when the service is back.";

let refresh = () => {};
/** Name what fetches anew after a change. */
export const refreshAfterChange = (function_) => {
  refresh = function_;
};

/** Send a change; tell how it ended; show what has become of it. */
export async function act(path, { body = null, done, button = null }) {
  if (button) button.disabled = true;
  try {
    if (await change(path, body)) {
      tell(done);
      refresh();
    } else tell("Nothing was changed: no key was given.");
  } catch (error) {
    tell(error instanceof DisconnectedError ? UNSURE : `Nothing was changed. ${error.message}`, "error");
  } finally {
    if (button) button.disabled = false;
  }
}

/** Ask for a reason, and for how long where `minutes` is wanted; null when the operator gives up. */
export function askForReason({ title, text, confirm, minutes = false }) {
  const dialog = find("reason-dialog");
  find("reason-title").textContent = title;
  find("reason-text").textContent = text;
  find("reason-confirm").textContent = confirm;
  find("reason-minutes-row").hidden = !minutes;
  find("reason-field").value = "";
  dialog.returnValue = "";
  dialog.showModal();
  find("reason-field").focus();
  return new Promise((resolve) => {
    const closed = () => {
      const reason = find("reason-field").value.trim();
      const given = dialog.returnValue === "use" && reason;
      resolve(
        given ? { reason, ...(minutes ? { minutes: Number(find("reason-minutes").value) } : {}) } : null,
      );
    };
    dialog.addEventListener("close", closed, { once: true });
  });
}
