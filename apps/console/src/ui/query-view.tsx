import type { UseQueryResult } from '@tanstack/preact-query';
import type { ComponentChildren, JSX } from 'preact';
import { Problem } from '../api/problem';

/** What went wrong, in the words of the api, and a way to try again. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
  const problem = error instanceof Problem ? error : null;
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>{problem?.title ?? 'Something went wrong'}</strong>
      </p>
      <p>{problem?.detail ?? 'This page has a fault. Reload it; the console of the browser says more.'}</p>
      {problem !== null && problem.fields.length > 1 && (
        <ul>
          {problem.fields.map(({ field, message }) => (
            <li key={field}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {problem?.errorId != null && (
        <p class="muted">
          In the server log as <code>{problem.errorId}</code>
        </p>
      )}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading({ what = 'Loading' }: { what?: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> {what} …
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** Says that there is nothing, where there is nothing. */
  empty?: (data: T) => ComponentChildren | null;
  children: (data: T) => ComponentChildren;
}

/** Shows what was asked for: loading, the problem, that there is nothing, or the thing itself; what was there stays while it is asked again. */
export function QueryView<T>({ query, empty, children }: QueryViewProps<T>): JSX.Element {
  const { data, error, isPending } = query;
  if (isPending) return <Loading />;
  const retry = (): void => void query.refetch();
  if (data === undefined) return <ProblemNotice error={error} retry={retry} />;
  const nothing = empty?.(data) ?? null;
  return (
    <>
      {error !== null && <ProblemNotice error={error} retry={retry} />}
      {nothing === null ? children(data) : <Empty>{nothing}</Empty>}
    </>
  );
}
