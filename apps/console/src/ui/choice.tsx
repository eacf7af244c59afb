import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface ChoiceProps<Key extends string> {
  /** What is chosen. */
  label: string;
  options: readonly { key: Key; title: string }[];
  value: Key;
  onChoose: (key: Key) => void;
}

/** One of a few, side by side; the arrow keys go through them. */
export function Choice<Key extends string>({ label, options, value, onChoose }: ChoiceProps<Key>): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{label}</legend>
      {options.map(({ key, title }) => (
        <label key={key} class="choice-option">
          <input type="radio" name={name} checked={key === value} onChange={() => onChoose(key)} />
          {title}
        </label>
      ))}
    </fieldset>
  );
}
