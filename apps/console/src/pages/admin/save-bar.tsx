import type { JSX } from 'preact';
import { ProblemNotice } from '../../ui/query-view';

interface SaveBarProps {
  changeCount: number;
  isPending: boolean;
  isSaved: boolean;
  error: unknown;
  discard: () => void;
}

/** The end of a form that saves what was changed in it. */
export function SaveBar({ changeCount, isPending, isSaved, error, discard }: SaveBarProps): JSX.Element {
  return (
    <>
      {error !== null && <ProblemNotice error={error} />}
      {isSaved && changeCount === 0 && (
        <p class="notice notice-good" role="status">
          Saved. Every server follows within five seconds.
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={isPending || changeCount === 0}>
          {changeCount === 0 ? 'Nothing to save' : `Save ${changeCount} ${changeCount === 1 ? 'change' : 'changes'}`}
        </button>
        {changeCount > 0 && (
          <button type="button" disabled={isPending} onClick={discard}>
            Discard
          </button>
        )}
      </div>
    </>
  );
}
