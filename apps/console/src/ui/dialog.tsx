import { useMutation } from '@tanstack/preact-query';
import type { ComponentChildren, JSX, TargetedSubmitEvent } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { ProblemNotice } from './query-view';

interface DialogProps {
  title: string;
  /** It was closed: with Escape, or by `close` of the element. */
  onClose: () => void;
  children: ComponentChildren;
}

/** A dialog before the page, open as long as it is there. */
function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before anything is painted, so that a key pressed at once finds it open.
  useLayoutEffect(() => {
    const shown = box.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={box} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface FormDialogProps extends DialogProps {
  /** What the button says that sends it. */
  confirm: string;
  isPending: boolean;
  /** Why it was refused; null when it was not. */
  error: Error | null;
  onSend: (form: FormData) => void;
}

/** A form in a dialog: it stays until what is sent was taken. */
export function FormDialog({
  title,
  confirm,
  isPending,
  error,
  onSend,
  onClose,
  children,
}: FormDialogProps): JSX.Element {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSend(new FormData(event.currentTarget));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {children}
        {error !== null && <ProblemNotice error={error} />}
        <div class="dialog-end">
          <button type="button" onClick={onClose}>
            Never mind
          </button>
          <button type="submit" class="primary" disabled={isPending}>
            {confirm}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ConfirmDialogProps extends DialogProps {
  /** What the button says that does it. */
  confirm: string;
  /** Whether it cannot be undone. */
  isDangerous?: boolean;
  /** Does it; what it refuses is shown, and the dialog stays. */
  action: () => Promise<unknown>;
}

/** Asks once more before something is done, and closes when it is. */
export function ConfirmDialog({
  title,
  confirm,
  isDangerous = false,
  action,
  onClose,
  children,
}: ConfirmDialogProps): JSX.Element {
  const doing = useMutation({ mutationFn: action, onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {doing.error !== null && <ProblemNotice error={doing.error} />}
      <div class="dialog-end">
        <button type="button" onClick={onClose}>
          Keep it as it is
        </button>
        <button
          type="button"
          class={isDangerous ? 'primary danger' : 'primary'}
          disabled={doing.isPending}
          onClick={() => doing.mutate()}
        >
          {confirm}
        </button>
      </div>
    </Dialog>
  );
}
