// Segments are all applications, those of a channel, or of what a prefix names: "contract:Cash loans".

import { make } from "./elements.js";
import { inWords } from "./format.js";

const ALL = "all";
const KINDS = { channel: "Channel", contract: "Contract type" };

/** The kind of a segment and its name: without a prefix it is a channel. */
function partsOf(segment) {
  const colon = segment.indexOf(":");
  const kind = colon < 0 ? "channel" : segment.slice(0, colon);
  return { kind: KINDS[kind] ?? inWords(kind), name: segment.slice(colon + 1) };
}

export function segmentInWords(segment) {
  const { kind, name } = partsOf(segment);
  return segment === ALL ? "all applications" : `${kind.toLowerCase()} ${name}`;
}

/** Options of a picker: all applications, then a group for each kind. */
export function segmentOptions(segments) {
  const groups = new Map();
  for (const segment of segments.filter((each) => each !== ALL)) {
    const { kind, name } = partsOf(segment);
    if (!groups.has(kind)) groups.set(kind, make("optgroup", { label: kind }));
    groups.get(kind).append(make("option", { value: segment }, name));
  }
  const whole = segments.includes(ALL) ? [make("option", { value: ALL }, segmentInWords(ALL))] : [];
  const kinds = [...groups.keys()].sort();
  return [...whole, ...kinds.map((kind) => groups.get(kind))];
}
