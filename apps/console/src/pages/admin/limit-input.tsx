import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface LimitInputProps {
  /** What it is of, for those who do not see the table. */
  name: string;
  value: string;
  error?: string | undefined;
  onInput: (value: string) => void;
}

/** A whole number in a table, with what is wrong with it said below. */
export function LimitInput({ name, value, error, onInput }: LimitInputProps): JSX.Element {
  const about = useId();
  return (
    <div class="field">
      <input
        type="number"
        step="1"
        required
        inputMode="numeric"
        aria-label={name}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : about}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      {error !== undefined && (
        <p id={about} class="hint bad">
          {error}
        </p>
      )}
    </div>
  );
}
