// The service's JSON interface. Everything is read without a key; changes show the operator's key.

/** The service answered, and said no. */
export class ProblemError extends Error {
  constructor(status, title, detail) {
    super(detail || title || `The service answered with status ${status}.`);
    this.status = status;
  }
}

/** The service did not answer at all. */
export class DisconnectedError extends Error {
  constructor() {
    super("The monitoring service does not answer.");
  }
}

const LONGEST_WAIT = 20000;

async function ask(path, options) {
  let response;
  try {
    const limit = AbortSignal.timeout(LONGEST_WAIT);
    response = await fetch(path, {
      ...options,
      signal: limit,
      headers: { Accept: "application/json", ...options?.headers },
    });
  } catch {
    throw new DisconnectedError();
  }
  const text = await response.text().catch(() => "");
  const told = parsed(text);
  if (response.ok) return told;
  // A proxy before a service that is down answers for it.
  if ([502, 504].includes(response.status) && !told) throw new DisconnectedError();
  throw new ProblemError(response.status, told?.title, told?.detail);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const read = (path) => ask(path);

/** Send a change with a key. */
export function send(path, key, body = null) {
  const headers = { "X-API-Key": key, ...(body ? { "Content-Type": "application/json" } : {}) };
  return ask(path, { method: "POST", headers, body: body ? JSON.stringify(body) : undefined });
}

/** Read, and tell the outcome as a value: a part that fails leaves the others alone. */
export async function outcome(path) {
  try {
    return { value: await read(path) };
  } catch (error) {
    return { error };
  }
}
