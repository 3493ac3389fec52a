// What the server is asked: the endpoint that programs use, too.

const MOST_TRIES = 60;

/** What the server refuses, and why. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export const models = () => asked("models");
export const card = (name) => asked(`models/${encodeURIComponent(name)}/card`);

/** Ask what is in a photo; what is busy is asked again later. */
export const predict = (photo, options, signal) => sent("predict", photo, options, signal);
export const saliency = (photo, options, signal) => sent("saliency", photo, options, signal);

async function sent(path, photo, options, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await asked(`${path}?${new URLSearchParams(options)}`, {
        method: "POST",
        body: photo,
        // What the type of the file says is the browser's guess; the server looks at the content.
        headers: { "Content-Type": "application/octet-stream" },
        signal,
      });
    } catch (error) {
      if (error.code !== "busy" || tries === MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function asked(path, init = {}) {
  let response;
  try {
    response = await fetch(path, { ...init, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "unreachable", "The server does not answer. Is it still running?");
  }
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  const { code = "unknown", message = `The server answered ${response.status}.` } = content.error ?? {};
  throw new Refused(response.status, code, message);
}
