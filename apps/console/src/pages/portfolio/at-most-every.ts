/** Something that is done at once, and then at most so often; what is asked for between is done once, at the end. */
export interface Paced {
  (): void;
  /** Forgets what is still to be done. */
  cancel(): void;
}

/** @param after calls back after so many milliseconds, until the function it returns is called */
export function atMostEvery(ms: number, action: () => void, after = byTimer): Paced {
  let isAsked = false;
  let cancelWait: (() => void) | null = null;
  const act = (): void => {
    isAsked = false;
    cancelWait = after(ms, () => {
      cancelWait = null;
      if (isAsked) act();
    });
    action();
  };
  const paced = (): void => {
    if (cancelWait === null) act();
    else isAsked = true;
  };
  return Object.assign(paced, {
    cancel: () => {
      cancelWait?.();
      cancelWait = null;
      isAsked = false;
    },
  });
}

function byTimer(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
