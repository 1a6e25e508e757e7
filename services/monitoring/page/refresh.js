// When to fetch anew: at each tick the service tells of, every so many seconds, or never.

import { find } from "./elements.js";

const NAME = "octroi-refresh";
/** Without a word from the stream, the page asks by itself now and then. */
const STREAM_FALLBACK = 30;

/** Follow the picker; `load` is called when it is time, and never while it is still at work. */
export function followRefresh(load) {
  const picker = find("refresh");
  picker.value = localStorage.getItem(NAME) ?? "live";
  if (!picker.value) picker.value = "live";
  let stop = start(picker.value, load);
  picker.addEventListener("change", () => {
    localStorage.setItem(NAME, picker.value);
    stop();
    stop = start(picker.value, load);
    if (picker.value !== "off") load();
  });
  document.addEventListener("visibilitychange", () => !document.hidden && picker.value !== "off" && load());
}

function start(interval, load) {
  const whenSeen = () => !document.hidden && load();
  if (interval === "off") return () => {};
  if (interval !== "live") {
    const timer = setInterval(whenSeen, Number(interval) * 1000);
    return () => clearInterval(timer);
  }
  const stream = new EventSource("/v1/stream");
  const timer = setInterval(whenSeen, STREAM_FALLBACK * 1000);
  stream.addEventListener("tick", whenSeen);
  // The stream comes back by itself; that it went tells that the service may have gone.
  stream.addEventListener("error", whenSeen);
  return () => {
    clearInterval(timer);
    stream.close();
  };
}
