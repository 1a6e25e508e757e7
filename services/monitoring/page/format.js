// How numbers and times are written, everywhere the same. What is unknown is a dash, never a zero.

export const UNKNOWN = "–";
const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

const numberFormats = new Map();
function numberFormat(least, most) {
  const key = `${least}:${most}`;
  if (!numberFormats.has(key)) {
    const options = { minimumFractionDigits: least, maximumFractionDigits: most };
    numberFormats.set(key, new Intl.NumberFormat("en-GB", options));
  }
  return numberFormats.get(key);
}

export function number(value, digits = 0) {
  return known(value) ? numberFormat(digits, digits).format(value) : UNKNOWN;
}

export function percent(value, digits = 1) {
  return known(value) ? `${number(value * 100, digits)}\u202f%` : UNKNOWN;
}

/** A number of any size in few signs: −608k, 1.2M, 2,015, 0.0345. */
export function brief(value, digits = 3) {
  if (!known(value)) return UNKNOWN;
  const options =
    Math.abs(value) < 10000
      ? { maximumSignificantDigits: 4 }
      : { notation: "compact", maximumSignificantDigits: digits };
  const text = new Intl.NumberFormat("en-GB", options).format(value);
  return text.replace("-", "−").replace("K", "k").replace(/m$/, "M");
}

/** Numbers of one scale: with a digit more where two of them would look the same. */
export function briefly(values) {
  const short = values.map((value) => brief(value));
  return new Set(short).size === new Set(values).size ? short : values.map((value) => brief(value, 4));
}

/** Difference of two shares, in points: "+2.0 points". */
export function points(value, digits = 1) {
  if (!known(value)) return UNKNOWN;
  const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
  return `${sign}${number(Math.abs(value) * 100, digits)} points`;
}

/** Seconds, in the unit a person would say. */
export function duration(seconds) {
  if (!known(seconds)) return UNKNOWN;
  if (seconds < 1) return `${number(seconds * 1000)} ms`;
  if (seconds < 120) return `${number(seconds, seconds < 10 && !Number.isInteger(seconds) ? 1 : 0)} s`;
  if (seconds < 7200) return `${number(seconds / 60)} min`;
  if (seconds < 172800) return `${number(seconds / 3600)} h`;
  return `${number(seconds / 86400)} days`;
}

export const ageInSeconds = (time) => (Date.now() - new Date(time).getTime()) / 1000;

export function ago(time) {
  if (!time) return UNKNOWN;
  const seconds = ageInSeconds(time);
  return seconds < 2 ? "just now" : `${duration(Math.round(seconds))} ago`;
}

const two = (value) => String(value).padStart(2, "0");

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local date and time, without what a reader of today does not need. */
export function moment(time) {
  if (!time) return UNKNOWN;
  const [at, now] = [new Date(time), new Date()];
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (now.toDateString() === at.toDateString()) return clock;
  const year = now.getFullYear() === at.getFullYear() ? "" : ` ${at.getFullYear()}`;
  return `${at.getDate()} ${MONTHS[at.getMonth()]}${year} ${clock}`;
}

/** Local time as charts and date fields take it; the charts know no time zones. */
export function localTime(time) {
  const at = new Date(time);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** "INSTALMENT_BURDEN" as "Instalment burden". */
export function inWords(code) {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an alert is about: "dead_letters" as "Dead letters"; a feature keeps its name. */
export const subjectInWords = (subject) =>
  subject === subject.toLowerCase() ? inWords(subject.replaceAll(".", " ")) : subject;

export const STATISTICS = {
  normed_wasserstein: "Wasserstein distance in standard deviations of the reference",
  jensen_shannon: "Jensen–Shannon distance",
};
