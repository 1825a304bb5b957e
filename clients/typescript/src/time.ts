/** Resolves after that many milliseconds, or rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: number | undefined;
  const passed = new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); });
  return abortable(signal, passed).finally(() => clearTimeout(timer)); // a pending timer would keep a process alive
}

/** The promise, or the signal's reason if that comes first. The work behind the promise goes on: others may wait for it. */
export function abortable<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
