import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  /** What is wrong with it. */
  error?: string | undefined;
  hint?: string;
  children: (control: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }) => ComponentChildren;
}

/** A labelled control, with what is wrong with it said beside it. */
export function Field({ label, error, hint, children }: FieldProps): JSX.Element {
  const id = useId();
  const about = `${id}-about`;
  const said = error ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': said === undefined ? undefined : about,
        'aria-invalid': error !== undefined,
      })}
      {said !== undefined && (
        <p id={about} class={error === undefined ? 'hint' : 'hint bad'}>
          {said}
        </p>
      )}
    </div>
  );
}
